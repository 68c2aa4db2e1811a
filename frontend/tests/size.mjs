// Fails when a page's script or style grows past its budget (kB gzipped; Leaflet and other lazy chunks are not counted).
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUILD = new URL('../../static/build/', import.meta.url);
const BUDGETS = {
  'home: main.ts': [['src/main.ts'], 8],
  'report: report.ts with main.ts': [['src/report.ts'], 16],
  'ticket and till: coupons.ts': [['src/coupons.ts'], 6],
  'account and household: account.ts with main.ts': [['src/main.ts', 'src/account.ts'], 9],
  'desk: bureau.ts': [['src/bureau.ts'], 40],
  'residents: main.css': [['styles/main.css'], 14],
  'desk: bureau.css': [['styles/bureau.css'], 14],
};

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', BUILD), 'utf8'));

/** An entry and everything that it loads at once. */
function filesOf(names, found = new Set()) {
  for (const name of names) {
    const { file, imports = [] } = manifest[name];
    if (!found.has(file)) filesOf(imports, found.add(file));
  }
  return found;
}

for (const [what, [entries, budget]] of Object.entries(BUDGETS)) {
  const sizes = [...filesOf(entries)].map(file => gzipSync(readFileSync(new URL(file, BUILD)), { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0) / 1000;
  console.log(`${what}: ${total.toFixed(2)} of ${budget} kB`);
  if (total > budget) process.exitCode = 1;
}
