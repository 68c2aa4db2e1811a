import { defineConfig } from 'vitest/config';

// Bundles what the pages load. `web/assets.py` finds the hashed names in static/build/.vite/manifest.json.
export default defineConfig({
  base: '/static/build/',
  publicDir: false,
  build: {
    outDir: '../static/build',
    emptyOutDir: true,
    manifest: true,
    // The oldest browsers we promise to work in: HarmonyOS's and WeChat's Chromium, and iPhones since 2020.
    target: ['chrome86', 'safari14', 'firefox78'],
    assetsInlineLimit: 0,
    // Every browser above knows modulepreload or does without; the polyfill would cost each page 0.4 KB.
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: [
        'src/main.ts',
        'src/report.ts',
        'src/bureau.ts',
        'src/coupons.ts',
        'src/account.ts',
        'styles/main.css',
        'styles/bureau.css',
        'styles/plan.css',
      ],
      // What several entries share is one file and one request, however many small modules it is made of.
      output: { codeSplitting: { groups: [{ name: 'shared', test: /src\/(lib|receipts\/kept)/ }] } },
    },
  },
  // Safari before 15 has no module workers.
  worker: { format: 'iife' },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    restoreMocks: true,
  },
});
