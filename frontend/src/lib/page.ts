// What every element needs from the server's HTML: its parts, and its words (no language stands in the code).

export function part<E extends Element = HTMLElement>(root: ParentNode, name: string): E | null {
  return root.querySelector<E>(`[data-${name}]`);
}

export function parts<E extends Element = HTMLElement>(root: ParentNode, name: string): E[] {
  return Array.from(root.querySelectorAll<E>(`[data-${name}]`));
}

export function text(element: Element, name: string, values: Record<string, string | number> = {}): string {
  const words = element.getAttribute(`data-text-${name}`) ?? '';
  return words.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

export function show(element: Element | null, visible = true): void {
  element?.toggleAttribute('hidden', !visible);
}

/** Live regions speak only when their text changes. */
export function say(element: Element | null, words: string): void {
  if (element && element.textContent !== words) element.textContent = words;
}

export function stampOf(template: HTMLTemplateElement): HTMLElement | null {
  return template.content.firstElementChild?.cloneNode(true) as HTMLElement | null;
}

export const TOKENS = 'input[name=csrf_token]';

export function csrfToken(page: Document = document): string {
  return page.querySelector<HTMLInputElement>(TOKENS)?.value ?? '';
}
