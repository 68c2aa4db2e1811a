// What the few pages of an account and its household load besides: most visitors never open them.
import { DeviceReports } from './elements/device-reports';
import { InviteLink } from './elements/invite-link';
import { JoinCode } from './elements/join-code';

customElements.define('invite-link', InviteLink);
customElements.define('join-code', JoinCode);
customElements.define('device-reports', DeviceReports);
