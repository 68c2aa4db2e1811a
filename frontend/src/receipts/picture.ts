// Draws the receipt as a picture to keep in the album: number, code in groups, QR, and what it is for.

const WIDTH = 720;
const MARGIN = 56;
const FONT = '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif';
const GROUPS_PER_LINE = 3;

interface ReceiptWords {
  title: string;
  code: string;
  note: string;
}

async function drawQr(context: CanvasRenderingContext2D, svg: SVGElement, top: number, side: number): Promise<void> {
  const copy = svg.cloneNode(true) as SVGElement;
  copy.setAttribute('width', String(side));
  copy.setAttribute('height', String(side));
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    context.drawImage(image, (WIDTH - side) / 2, top, side, side);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function linesOf(context: CanvasRenderingContext2D, words: string): string[] {
  const lines = [''];
  for (const piece of words.match(/[A-Za-z0-9’']+\s*|[^A-Za-z0-9]/g) ?? []) {
    const line = lines[lines.length - 1] + piece;
    if (context.measureText(line).width > WIDTH - MARGIN * 2) lines.push(piece.trimStart());
    else lines[lines.length - 1] = line;
  }
  return lines;
}

export async function receiptPicture(words: ReceiptWords, qr: SVGElement | null): Promise<Blob> {
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: qr ? 960 : 480 });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#15231c';
  context.textAlign = 'center';
  let top = 104;
  const write = (line: string, font: string, height: number) => {
    context.font = font;
    for (const part of linesOf(context, line)) {
      context.fillText(part, WIDTH / 2, top);
      top += height;
    }
  };
  write(words.title, `600 40px ${FONT}`, 56);
  top += 32;
  const groups = words.code.split('-');
  for (let at = 0; at < groups.length; at += GROUPS_PER_LINE) {
    write(groups.slice(at, at + GROUPS_PER_LINE).join('-'), '600 52px ui-monospace, Menlo, Consolas, monospace', 72);
  }
  if (qr) {
    await drawQr(context, qr, top, 400).catch(() => undefined);
    top += 464;
  }
  write(words.note, `32px ${FONT}`, 46);
  return new Promise((resolve, reject) =>
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('not encoded'))), 'image/png'),
  );
}

export function download(blob: Blob, name: string): void {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: name });
  link.click();
  // Some browsers read the address only after the click is over.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
