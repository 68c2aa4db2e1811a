// What pages with photos to send load: the report form, and the mailbox of a report.
import './main';
import { PhotoAdder } from './elements/photo-adder';
import { PlaceStrip } from './elements/place-strip';
import { ReportForm } from './elements/report-form';

customElements.define('photo-adder', PhotoAdder);
customElements.define('place-strip', PlaceStrip);
customElements.define('report-form', ReportForm);
