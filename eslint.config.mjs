import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The import layers, lowest first: a folder may import from itself and from the folders listed.
 * `packages` names the packages that only some folders may import.
 */
const layers = {
  'src/core': [],
  'src/planner': ['core'],
  'src/languages': ['core'],
  'src/config': ['core'],
  'src/protocol': ['config', 'core'],
  'src/trainer': ['protocol', 'config', 'core'],
  'src/tuner': ['planner', 'protocol', 'config', 'core'],
  'src/cli': ['tuner', 'protocol', 'config', 'core'],
  'src/editor': ['tuner', 'languages', 'protocol', 'config', 'core'],
};
const folders = [...Object.keys(layers).map((path) => path.slice('src/'.length)), 'extension'];

const packages = {
  vscode: ['src/extension.ts', 'src/editor', 'test/integration'],
  '@tensorflow/*': ['src/trainer', 'test'],
  'chart.js': ['webview/charts'],
  'chartjs-*': ['webview/charts'],
};

/** One style for private members: `#name`. What subclasses use is `protected`. */
const privateMembers = [
  {
    selector:
      ':matches(PropertyDefinition, AccessorProperty, TSParameterProperty, MethodDefinition:not([kind="constructor"]))[accessibility="private"]',
    message: 'Private members are #named.',
  },
  {
    selector:
      ':matches(PropertyDefinition, AccessorProperty, MethodDefinition)[accessibility="public"]',
    message: 'Members are public by default.',
  },
];

function forbiddenPackages(path) {
  return Object.entries(packages)
    .filter(([, allowed]) => !allowed.includes(path))
    .map(([name]) => ({ group: [name, `${name}/**`], message: `${path} may not import ${name}.` }));
}

function layerRule(path, allowed) {
  const own = path.slice('src/'.length);
  const forbidden = folders.filter((folder) => folder !== own && !allowed.includes(folder));
  return {
    files: [`${path}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...forbidden.map((folder) => ({
              regex: `^(\\.\\./)+${folder}(/|$)`,
              message: `${own} may not import ${folder}: imports run downwards only.`,
            })),
            { regex: '(^|/)webview/', message: 'Only the webview imports the webview.' },
            ...forbiddenPackages(path),
            ...(['core', 'planner'].includes(own)
              ? [{ regex: '^node:', message: `${own} does no I/O.` }]
              : []),
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'test/output/',
      'test/fixtures/',
      'test/corpus/',
      'examples/',
      '.vscode-test/',
      // AssemblyScript: its types are not TypeScript's.
      'assembly/',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: false },
        },
      ],
    },
  },
  ...Object.entries(layers).map(([path, allowed]) => layerRule(path, allowed)),
  {
    files: ['src/**/*.ts', 'webview/**/*.ts'],
    rules: {
      'max-lines': ['error', 400],
      'no-restricted-syntax': ['error', ...privateMembers],
    },
  },
  {
    files: ['webview/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\./)+src/(?!core/|protocol/)',
              message: 'The webview sees protocol and core only.',
            },
            { regex: '^node:', message: 'The webview runs in a browser.' },
            { group: ['vscode', '@tensorflow/**'], message: 'Not available in a webview.' },
          ],
        },
      ],
    },
  },
  {
    files: ['webview/**/*.ts'],
    ignores: ['webview/charts/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...privateMembers,
        {
          selector: 'ImportDeclaration[source.value=/^chart/]',
          message: 'Only webview/charts imports chart.js.',
        },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'console',
          'process',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'URL',
          'Buffer',
          'fetch',
          'require',
          'module',
          '__dirname',
          'performance',
          'AbortController',
          'document',
          'window',
          'globalThis',
          'structuredClone',
          'AbortSignal',
          'URLSearchParams',
          'TextDecoder',
          'TextEncoder',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
