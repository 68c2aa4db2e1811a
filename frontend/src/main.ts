// What every resident's page loads: the camera behind the home button, and the receipts of this device.
import { GreenCamera } from './elements/green-camera';
import { HereForm } from './elements/here-form';
import { MyReports } from './elements/my-reports';
import { NearMe } from './elements/near-me';
import { OutboxLine } from './elements/outbox-line';
import { ReceiptKeeper } from './elements/receipt-keeper';
import { ReportCamera } from './elements/report-camera';

customElements.define('report-camera', ReportCamera);
customElements.define('outbox-line', OutboxLine);
customElements.define('receipt-keeper', ReceiptKeeper);
customElements.define('my-reports', MyReports);
customElements.define('near-me', NearMe);
customElements.define('here-form', HereForm);
customElements.define('green-camera', GreenCamera);
