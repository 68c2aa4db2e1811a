// What every resident's page loads: the camera behind the home button, and the receipts of this device.
import { MyReports } from './elements/my-reports';
import { OutboxLine } from './elements/outbox-line';
import { ReceiptKeeper } from './elements/receipt-keeper';
import { ReportCamera } from './elements/report-camera';

customElements.define('report-camera', ReportCamera);
customElements.define('outbox-line', OutboxLine);
customElements.define('receipt-keeper', ReceiptKeeper);
customElements.define('my-reports', MyReports);
