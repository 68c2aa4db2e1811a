// <code-scanner>: where the browser can read codes by itself, the camera fills in the field and sends the form.
import { part, show } from '../lib/page';

const LOOK_EVERY_MS = 250;

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;

export class CodeScanner extends HTMLElement {
  private stream: MediaStream | undefined;

  connectedCallback(): void {
    const { BarcodeDetector } = window as { BarcodeDetector?: DetectorClass };
    const button = part<HTMLButtonElement>(this, 'scan');
    if (!BarcodeDetector || !('mediaDevices' in navigator) || !button) return;
    show(button);
    button.addEventListener('click', () => void this.look(new BarcodeDetector({ formats: ['qr_code'] })));
  }

  disconnectedCallback(): void {
    this.close();
  }

  private async look(detector: Detector): Promise<void> {
    const eye = part<HTMLVideoElement>(this, 'eye');
    if (!eye || this.stream) return;
    show(part(this, 'blind'), false);
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      eye.srcObject = this.stream;
      show(eye);
      await eye.play();
      const found = await this.wait(detector, eye);
      if (found) this.send(found);
    } catch {
      this.close();
      show(part(this, 'blind'));
    }
  }

  private async wait(detector: Detector, eye: HTMLVideoElement): Promise<string | undefined> {
    while (this.stream) {
      const [seen] = await detector.detect(eye);
      if (seen) return seen.rawValue;
      await new Promise(again => setTimeout(again, LOOK_EVERY_MS));
    }
    return undefined;
  }

  private send(code: string): void {
    this.close();
    const field = part<HTMLInputElement>(this, 'code-field');
    if (!field) return;
    field.value = code;
    field.form?.requestSubmit?.();
  }

  private close(): void {
    this.stream?.getTracks().forEach(track => track.stop());
    this.stream = undefined;
    show(part(this, 'eye'), false);
  }
}
