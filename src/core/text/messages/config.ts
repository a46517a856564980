/** Problems with the workspace file itself. `{actual}` and `{example}` are JSON as it stands in a file. */
export const configMessages = {
  configNotFound:
    'There is no config file here. Create one with the command "Batchwise: Create Config" in VS Code, or by hand: {example}',
  configUnreadable: 'The config cannot be read: {cause}.',
  configNotUtf8: 'The config is not saved as UTF-8. Save it with that encoding.',
  configEmpty: 'The config is empty. It needs at least a model and data: {example}',
  configTooDeep:
    'The config nests values too deep to read. A config needs no more than a few levels.',
  configNotAnObject: 'A config must be an object in braces such as {example}, not {actual}.',

  configSyntax: 'This is not valid JSON ({cause}). Check the quotes, commas and braces here.',
  configSyntaxSymbol:
    'This is not valid JSON: a value must be a number, a string in double quotes, true, false, null, [ or {brace}.',
  configSyntaxNumber: 'This is not a valid number. Write it like 32 or 0.001.',
  configSyntaxKey: 'A key in double quotes is expected here, or the closing brace.',
  configSyntaxValue: 'A value is expected here.',
  configSyntaxColon: 'A colon is expected here, between a key and its value.',
  configSyntaxComma: 'A comma is expected here, between this and what came before.',
  configSyntaxBrace: 'A closing brace is missing here.',
  configSyntaxBracket: 'A closing bracket is missing here.',
  configSyntaxEnd: 'The config ends before this. Remove what follows the last closing brace.',
  configSyntaxComment: 'This comment has no end. Close it with */.',
  configSyntaxString: 'This string has no end. Close it with a double quote.',
  configSyntaxCharacter:
    'This string contains a character or escape sequence that JSON does not allow. Write a backslash as \\\\.',

  configUnknownKey: 'Unknown key "{key}". Known here: {known}.',
  configUnknownKeyNearest: 'Unknown key "{key}". Did you mean "{nearest}"?',
  configMisplacedKey: '"{key}" does not belong here. Move it into "{section}".',
  configMisplacedTopKey: '"{key}" does not belong in "{section}". Move it to the top level.',
  configDuplicateKey: '"{key}" appears twice. Keep one of them.',
  configMissing: '"{key}" is missing. Add it, for example {example}.',

  configNotString: '"{key}" must be a string in double quotes, not {actual}.',
  configNotNumber: '"{key}" must be a number, not {actual}.',
  configNotInteger: '"{key}" must be a whole number, not {actual}.',
  configNotBoolean: '"{key}" must be true or false, not {actual}.',
  configNotObject: '"{key}" must be an object in braces, not {actual}.',
  configNotList: '"{key}" must be a list in brackets, not {actual}.',
  configNotOneOf: '"{key}" must be one of {options}, not {actual}.',
  configNotOneOfNearest:
    '"{key}" must be one of {options}, not {actual}. Did you mean "{nearest}"?',
  configBelow: '"{key}" must be at least {minimum}, not {actual}.',
  configNotAbove: '"{key}" must be more than {minimum}, not {actual}.',
  configAbove: '"{key}" must be at most {maximum}, not {actual}.',
  configNotBelow: '"{key}" must be less than {maximum}, not {actual}.',
  configEmptyText: '"{key}" is empty. Write its value between the quotes, or remove the key.',
  configEmptyList: '"{key}" is an empty list. Add at least one element, or remove the key.',
  configInvalid: '"{key}" is not valid: {cause}.',

  configNotSize:
    '"{key}" must be a number of bytes above 0 or a size such as "2 GB" or "512 MiB", not {actual}.',
  configNotDurationNearest:
    '"{key}" must be a number of seconds above 0 or a duration such as "90 s" or "2 min", not {actual}. Did you mean "{nearest}"?',
  configNotDuration:
    '"{key}" must be a number of seconds above 0 or a duration such as "90 s" or "2 min", not {actual}.',
  configNotValidation:
    '"{key}" must be a fraction between 0 and 1 such as 0.2, or the path of a data file, not {actual}.',
  configNotOptimizer:
    '"{key}" must be the name of an optimizer such as "adam", or an object such as {example}, not {actual}.',
  configNotBatchSizes:
    '"{key}" must be a list of batch sizes such as [8, 16, 32], or limits such as {example}, not {actual}.',

  configModelNone: '"model" names no model. Specify exactly one of {options}.',
  configModelSeveral: '"model" specifies {found}. Keep exactly one of {options}.',
  configMinAboveMax:
    '"{key}" has a min of {minimum} above its max of {maximum}. Swap or correct them.',
  configManyBatchSizes:
    'The list has {count} batch sizes; at most {most} can be tried. Leave some out.',
  configDuplicateBatchSize: 'Batch size {batchSize} is in the list twice. Keep one of them.',

  configPathAbsolute:
    'The path {path} is absolute. Write it relative to the config, so that it works on other machines too.',
  configPathOutside:
    'The path {path} leaves the workspace folder {root}. Move the file into it, or open a folder that holds both.',
  configPathDangling: 'The path {path} is a link to {target}, which does not exist. Fix the link.',
  configPathNotFoundNearest: 'The file {path} does not exist. Did you mean {nearest}?',
  configPathUnreadable: 'The path {path} cannot be read: {cause}.',
  configSourceNotFound: 'The source file {path} does not exist. Correct the path, or remove it.',
  configTrainerNone: 'The trainer needs one of {options}.',
  configTrainerSeveral: 'The trainer must be one of {options}, but {found} are all given.',
  configLauncherAndCluster:
    'The trainer has a "launcher" and a "cluster". Keep one of them: on a cluster, Batchwise starts the script itself.',
  configNotRayAddress:
    '"{key}" must be "auto" or the address of a Ray cluster such as "10.0.0.5:6379" or "ray://10.0.0.5:10001", not {actual}.',
  configBesideTrainer:
    '"{key}" does not go with "trainer", which brings a model and data of its own. Remove one of the two.',
  trainerFileNotFound: 'The script "{path}" does not exist.',
} as const;
