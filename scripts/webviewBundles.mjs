/** The global that `charts.js` leaves the chart library in. */
const chartLibrary = 'batchwiseCharts';

/**
 * Leaves zod's conversion to JSON schema out of a browser bundle: every schema object refers to it,
 * so that tree shaking cannot, and a webview only ever validates.
 *
 * @type {import('esbuild').Plugin}
 */
const withoutJsonSchema = {
  name: 'without-json-schema',
  setup(build) {
    const folder = String.raw`zod[\\/]v4[\\/]core[\\/]`;
    const filter = new RegExp(`${folder}(to-json-schema|json-schema-processors)\\.js$`);
    build.onLoad({ filter }, () => ({
      // CommonJS, of which any name can be imported.
      contents: 'module.exports = {};',
    }));
  },
};

/**
 * Takes the chart library from its own file, which the panel loads once its text is on the screen.
 *
 * @type {import('esbuild').Plugin}
 */
const chartsApart = {
  name: 'charts-apart',
  setup(build) {
    build.onLoad({ filter: /webview[\\/]charts[\\/]register\.ts$/ }, () => ({
      contents: `module.exports = globalThis.${chartLibrary};`,
    }));
  },
};

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  loader: { '.css': 'css' },
};

/**
 * The panel: its page, and the chart library.
 *
 * @type {readonly import('esbuild').BuildOptions[]}
 */
export const panelBundles = [
  {
    ...shared,
    entryPoints: { webview: 'webview/main.ts' },
    plugins: [withoutJsonSchema, chartsApart],
  },
  {
    ...shared,
    entryPoints: { charts: 'webview/charts/register.ts' },
    globalName: chartLibrary,
  },
];

/** @type {readonly import('esbuild').BuildOptions[]} */
export const webviewBundles = [
  ...panelBundles,
  { ...shared, entryPoints: { side: 'webview/side.ts' }, plugins: [withoutJsonSchema] },
];
