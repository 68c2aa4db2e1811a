// Hears of every photo that somebody chooses, also of one chosen before this script was there.

/** Hand over what `input` holds, now and whenever it changes; the input itself no longer takes part in the form. */
export function onChosen(input: HTMLInputElement, take: (files: File[]) => void): void {
  // What goes out are the ids; without its name the input sends nothing.
  input.removeAttribute('name');
  const hear = () => {
    take(Array.from(input.files ?? []));
    input.value = '';
  };
  input.addEventListener('change', hear);
  if (input.files?.length) hear();
}
