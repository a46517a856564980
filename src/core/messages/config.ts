/** Problems with the workspace file itself. */
export const configMessages = {
  configNotFound: 'There is no config file here. Run "Batchwise: Tune Batch Size" to make one.',
  configUnreadable: 'The config cannot be read: {cause}.',
  configSyntax: 'This is not valid JSON: {cause}.',
  configUnknownKey: 'Unknown key "{key}".',
  configUnknownKeyNearest: 'Unknown key "{key}". Did you mean "{nearest}"?',
  configType: '"{key}" must be {expected}, not {actual}.',
} as const;
