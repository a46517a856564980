const folder = String.raw`zod[\\/]v4[\\/]core[\\/]`;

/**
 * Leaves zod's conversion to JSON schema out of a browser bundle: every schema object refers to it,
 * so that tree shaking cannot, and a webview only ever validates.
 *
 * @type {import('esbuild').Plugin}
 */
export const withoutJsonSchema = {
  name: 'without-json-schema',
  setup(build) {
    const filter = new RegExp(`${folder}(to-json-schema|json-schema-processors)\\.js$`);
    build.onLoad({ filter }, () => ({
      // CommonJS, of which any name can be imported.
      contents: 'module.exports = {};',
    }));
  },
};
