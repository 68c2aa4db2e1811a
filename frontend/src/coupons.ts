// What a ticket held up at the till loads, and the till.
import { CodeScanner } from './elements/code-scanner';
import { TicketCode } from './elements/ticket-code';
import { keepFresh } from './lib/fresh';

customElements.define('ticket-code', TicketCode);
customElements.define('code-scanner', CodeScanner);
keepFresh();
