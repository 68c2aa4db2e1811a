// <device-reports>: how many reports this phone holds the receipts of, for whoever has just signed in. Nothing of it is sent.
import { part, say, show, stampOf, text } from '../lib/page';
import { keptReceipts } from '../receipts/kept';

export class DeviceReports extends HTMLElement {
  connectedCallback(): void {
    const all = keptReceipts();
    const list = part(this, 'device-list');
    if (all.length === 0 || !list || list.children.length > 0) return;
    say(part(this, 'device-count'), text(this, all.length === 1 ? 'one' : 'many', { count: all.length }));
    for (const kept of all) {
      const line = stampOf(part<HTMLTemplateElement>(this, 'device-line') as HTMLTemplateElement);
      if (!line) return;
      say(part(line, 'device-kind'), kept.last?.kind_name ?? '');
      say(part(line, 'device-number'), kept.number);
      say(part(line, 'device-state'), kept.last?.state_name ?? '');
      list.append(line);
    }
    show(list);
  }
}
