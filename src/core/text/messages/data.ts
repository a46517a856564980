/** Problems with data files. `{row}` counts data rows, `{sample}` samples, both from 1. */
export const dataMessages = {
  dataNotFound: 'The data file {path} does not exist.',
  dataUnreadable: 'The data file {path} cannot be read: {cause}.',
  dataTooLarge:
    'The data does not fit into memory ({cause}). Use fewer samples, or a machine with more memory.',
  dataChanged:
    'The data file {path} changed while it was being trained on. Leave it as it is until the end, and begin again.',
  dataDiskSpace:
    '{path} does not fit into memory and has to be unpacked to disk, which takes about {needed}, but {folder} has {free} free. Free some space, or name a folder with more in the environment variable {variable}.',
  dataDiskFull:
    'The disk of {folder}, where data that does not fit into memory is unpacked, is full. Free some space, or name another folder in the environment variable {variable}.',
  dataReaderDied: 'Reading the data ended unexpectedly: {cause}.',
  dataManyLabels:
    'The labels of {path} are more than {most} different texts: too many for classes. Name another "label", or use numbers.',
  dataEmpty: 'The data file {path} holds no samples.',
  dataTooFew:
    'The data holds {samples} samples; at least 2 are needed, one to train on and one to validate with.',
  dataFormatUnknown:
    'The format of {path} is not known. Known are .csv, .tsv, .jsonl, .npy, .npz, IDX, a folder of images by class, and a .js, .mjs, .cjs, .ts, .mts or .cts module that exports load(tf).',
  dataNotUtf8: 'The data file {path} is not saved as UTF-8. Save it with that encoding.',
  dataGzip: 'The data file {path} is not a whole gzip file: {cause}.',

  dataLabelMissing:
    'Which {kind} of {path} holds the labels is not said. Add "label" to "data"; there are {known}.',
  wordArray: 'array',
  wordColumn: 'column',
  wordKey: 'key',
  wordLoss: 'loss',
  wordAccuracy: 'accuracy',
  dataLabelNotFound: '{path} has no {kind} "{name}" to take labels from. There are {known}.',
  dataLabelNotFoundNearest:
    '{path} has no {kind} "{name}" to take labels from. Did you mean "{nearest}"?',
  dataFeatureNotFound: '{path} has no {kind} "{name}" to train on. There are {known}.',
  dataFeatureNotFoundNearest:
    '{path} has no {kind} "{name}" to train on. Did you mean "{nearest}"?',
  dataFeatureIsLabel:
    'The label "{name}" is among the features: a model would only have to copy it. Take it out of "features".',
  dataFeatureTwice: '"{name}" is among the features twice. Keep one of them.',
  dataNoFeatures:
    '{path} has no numeric {kind} beside the label to train on. There are {known}; name numeric ones in "features".',
  dataLabelsFileMissing:
    '{path} holds features only. Add "{key}" to "data" with the file that holds its labels.',
  dataLabelsFileUnused:
    '{path} brings its labels with it. Remove "{key}", which names another file for them.',

  dataHeaderMissing:
    'The first line of {path} holds numbers only, where the names of the columns are expected. Add a header line.',
  dataHeaderTwice: 'The header of {path} names the column "{name}" twice. Rename one of them.',
  dataSeparator:
    'The columns of {path} are not separated by {expected}: the header holds only {found}. Save the file with that separator.',
  dataCsvSyntax: 'Row {row} is not valid CSV: {cause}.',
  dataRowLength: 'Row {row} has {found} values, but the header names {expected} columns.',
  dataValueMissing:
    'Row {row} has no value in column "{column}". Fill it in, remove the row, or leave the column out of "features".',
  dataValueNotNumber:
    'Row {row} has {actual} in column "{column}", where a number is expected. Correct it, or leave the column out of "features".',
  dataLabelValueMissing:
    'Row {row} has no label in column "{column}". Fill it in or remove the row.',
  dataLabelNotNumber:
    'Row {row} has the label {actual} in column "{column}", but the loss {loss} needs numbers. Correct it, or use a loss for classes such as categoricalCrossentropy.',

  dataJsonLine: 'This line is not a JSON object: {cause}.',
  dataJsonKeyMissing: 'This line has no key "{key}", which the first line has.',
  dataJsonShape:
    'The value of "{key}" has shape {found} here, but {expected} in the first line. All samples need one shape.',
  dataJsonValue: 'The value of "{key}" must be a number or a list of numbers, not {actual}.',
  dataJsonLabel: 'The label "{key}" must be a text, a number or a list of numbers, not {actual}.',

  dataNpyHeader: '{path} is not a NumPy array that can be read: {cause}.',
  dataNpyType:
    '{path} holds values of NumPy type {found}. Save it with one of {expected}, for example array.astype("float32").',
  dataNpyLength:
    '{path} is cut off or too long: shape {shape} needs {expected} bytes of values, but {found} are there.',
  dataNpzRead: '{path} is not a whole .npz file: {cause}.',
  dataIdxHeader: '{path} is not an IDX file: {cause}.',
  dataIdxLength:
    '{path} is cut off or too long: its header announces {expected} bytes of values, but {found} are there.',
  dataScalar: '{path} holds a single value. An array with one entry per sample is expected.',
  dataTextFeatures: '{path} holds texts. Features must be numbers.',
  dataLabelCount:
    'There are {labels} labels for {samples} samples. Each sample needs exactly one label.',
  dataKeyCount:
    'The array "{key}" has {found} entries, but "{other}" has {expected}. Name the arrays that belong together in "features".',

  dataNoClassFolders:
    '{path} holds no folders. A folder of images needs one folder per class, named like the class.',
  dataNoImages: 'The class folder {path} holds no PNG or JPEG images. Add some, or remove it.',
  dataImageUnreadable: 'The image {path} cannot be read: {cause}.',
  dataImageSize:
    'The image {path} is {found} pixels, but {other} is {expected}. All images need one size.',
  dataImageOutside: 'The image {path} is a link out of the workspace folder {root}. Copy it there.',

  dataModuleFailed: 'load(tf) in {path} failed: {cause}.',
  dataModuleResult:
    'load(tf) in {path} returned {found}. Return {example}, each a tensor or an array with one entry per sample.',
  dataModuleArray:
    '"{key}" from load(tf) in {path} is not an array of numbers: {cause}. Return a tensor, a typed array or nested arrays of one shape.',

  dataNotFinite: 'Sample {sample} has {actual} {where}, where a finite number is expected.',
  dataLabelNotFinite: 'Sample {sample} has the label {actual}, where a finite number is expected.',
  dataLabelNotClass:
    'Sample {sample} has the label {actual}, but the loss {loss} needs classes: whole numbers or texts.',
  dataLabelText: 'The labels are texts such as "{actual}", but the loss {loss} needs numbers.',
  dataOneClass: 'Every sample has the label "{name}". At least two classes are needed.',
  dataBinaryClasses:
    'The loss binaryCrossentropy is for two classes, but the data has {classes}: {known}. Use categoricalCrossentropy.',
  dataUnknownClass:
    'Sample {sample} of the validation data is labelled "{name}", which the training data does not have. It has {known}.',
  dataValidationShape:
    'The samples in the validation data have shape {found}, but those in the training data have {expected}.',
  dataValidationLabelShape:
    'The labels in the validation data have shape {found}, but those in the training data have {expected}.',
} as const;
