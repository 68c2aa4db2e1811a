// What the desk's pages load. Everything here shortens a way that exists without it.
import { guardUnsaved, offerTemplates } from './bureau/answers';
import { explainKeys, zoomPhotos } from './bureau/dialogs';
import { lookByKeys } from './bureau/looks';
import { walkQueue } from './bureau/queue';
import { numberSteps } from './bureau/steps';
import { keepFresh } from './lib/fresh';

walkQueue();
keepFresh();
lookByKeys();
numberSteps();
zoomPhotos();
explainKeys();
offerTemplates();
guardUnsaved();
document.querySelector<HTMLElement>('[data-error-summary]')?.focus();
