/** Problems with data files. `{row}` counts data rows, `{sample}` samples, both from 1. */
export const dataMessages = {
  dataPartNotFound:
    'The model has the {side} "{name}", but {path} has no {kind} of that name. Say what feeds it: "data": {example}. There are {known}.',
  dataPartsOneArray:
    '{path} holds one array, but the model has the inputs {inputs} and the outputs {outputs}. Save an array for each into an .npz file, or use a table or a module whose load(tf) returns {example}.',
  dataPartsWindow:
    '"window" makes one input of a series, but the model has several inputs or outputs. Leave it out, and give windows as arrays of an .npz file or a module.',
  dataPartsShape: 'The {side} "{name}" of the model takes {model}, but its data has shape {data}.',
  dataPartsCount: 'The {side} "{name}" has {found} samples, but "{other}" has {expected}.',
  dataNotFound: 'The data file {path} does not exist.',
  dataUnreadable: 'The data file {path} cannot be read: {cause}.',
  dataTooLarge:
    'The data does not fit into memory ({cause}). Use fewer samples, or a machine with more memory.',
  dataBeyondMemory:
    '{path} takes {needed} of memory, but {free} is free. Use fewer samples, or a machine with more memory.',
  dataReadMemory:
    '{path} took more memory than there is while it was read ({cause}). Use fewer samples; where it is small, it is damaged: save it again.',
  dataReadEnded:
    'The training process ended unexpectedly ({cause}) while it read {path}. If that happens again, the file is damaged: save it again.',
  dataReadSilent:
    '{path} was not read within {seconds} s, and reading it was ended. Raise "tuning.budget"; where it is small, it is damaged: save it again.',
  dataUnpacksLonger:
    'The gzip file {path} unpacks to more than the {announced} bytes that its header announces. Save it again.',
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
    'The data holds too few samples ({samples}): at least 2 are needed, one to train on and one to validate with.',
  dataFormatUnknown:
    'The format of {path} is not known. Known are tables (.csv, .tsv, .txt, .data, .parquet, .arrow, .feather), .json, .jsonl, .npy, .npz, IDX, a folder of images by class, and a .js, .mjs, .cjs, .ts, .mts or .cts module that exports load(tf).',
  dataFormatForeign: '{path} is in the format {format}, which is not supported. {cause}',
  dataNotFile:
    '{path} is neither a file nor a folder. Name a file: data are read more than once, which a pipe or device does not allow.',
  dataGzip: 'The data file {path} is not a whole gzip file: {cause}.',

  dataLabelMissing:
    'The config does not say which {kind} of {path} holds the labels. Add "label" to "data". Available: {known}.',
  wordArray: 'array',
  wordColumn: 'column',
  wordKey: 'key',
  wordLoss: 'loss',
  wordAccuracy: 'accuracy',
  dataLabelNotFound: '{path} has no {kind} "{name}" to take labels from. Available: {known}.',
  dataLabelNotFoundNearest:
    '{path} has no {kind} "{name}" to take labels from. Did you mean "{nearest}"?',
  dataFeatureNotFound: '{path} has no {kind} "{name}" to train on. Available: {known}.',
  dataFeatureNotFoundNearest:
    '{path} has no {kind} "{name}" to train on. Did you mean "{nearest}"?',
  dataFeatureIsLabel:
    'The label "{name}" is among the features: a model would only have to copy it. Take it out of "features".',
  dataFeatureTwice: '"{name}" is among the features twice. Keep one of them.',
  dataNoFeatures:
    '{path} has no {kind} beside the label that holds numbers or a few different values. Available: {known}. For texts, set "text" in "data", for example { "vocabulary": 10000 }; for a series of one column, set "window" in "data", for example { "size": 12 }.',
  dataLabelsFileMissing:
    '{path} holds features only. Add "{key}" to "data" with the file that holds its labels.',
  dataLabelsFileUnused:
    '{path} brings its labels with it. Remove "{key}", which names another file for them.',

  dataHeaderMissing:
    'The first line of {path} is data, not the names of its columns, so there is no column "{name}". Call columns by their number, from "0" to "{last}" (the last holds "{value}"), or add a header line; "header": "firstRow" in "data" says that it is one.',
  dataHeaderTwice: 'The header of {path} names the column "{name}" twice. Rename one of them.',
  dataCsvSyntax: 'Row {row} is not valid CSV: {cause}.',
  dataRowLength: 'Row {row} has {found} values, but the first line has {expected}.',
  dataManyColumns:
    '{path} has {found} columns, and at most {most} are read. Save the file with one sample per row.',
  dataLineTooLong:
    '{path} has a row of more than {most} characters. Save it with one row per line.',
  dataValueMissing:
    'Row {row} has no value in "{column}", and "missing" is "error". Fill it in, or set "missing" to "mean" or "drop".',
  dataValueNotNumber:
    'Row {row} has {actual} in "{column}", where a value like those in the other rows is expected. Correct it, or leave "{column}" out of "features".',
  dataColumnEmpty: 'The {kind} "{column}" holds no values. Take it out of "features".',
  dataColumnOther:
    'The {kind} "{column}" holds values that are neither numbers, texts nor lists of numbers of one shape. Take it out of "features".',
  dataColumnTexts:
    'The {kind} "{column}" holds {found} different texts such as {actual}: too many for categories. Set "text" in "data" to { "vocabulary": 10000 } for an Embedding, or take it out of "features".',
  dataRowsAllLeftOut:
    'No sample is left of {path}: each row lacks a label or a value, or there are fewer rows than "window" takes.',
  dataDropLabelsFile:
    '{path} has rows with missing values, which "missing": "drop" leaves out, but its labels are a file of their own. Set "missing" to "mean", or put the labels into the same file.',
  dataLabelValueMissing:
    'Row {row} has no label in "{column}", and "missing" is "error". Fill it in, or set "missing" to "drop".',
  dataLabelNotNumber:
    'Row {row} has the label {actual} in column "{column}", but the loss {loss} needs numbers. Correct it, or use a loss for classes such as categoricalCrossentropy.',

  dataJsonLine: 'This line is not a JSON object: {cause}.',
  dataJsonShape:
    'The value of "{key}" has shape {found} here, but {expected} in the first sample. All samples need one shape.',
  dataJsonObject:
    '{path} holds one JSON object over several lines. Save its samples as one list of objects, or one object per line.',
  dataJsonCut: 'The list in {path} does not end: "]" is missing. The file may be cut off.',

  dataNpyHeader: '{path} is not a NumPy array that can be read: {cause}.',
  dataNpyType:
    '{path} holds values of NumPy type {found}. Save it with one of {expected}, for example array.astype("float32").',
  dataNpyLength:
    '{path} is cut off or too long: shape {shape} needs {expected} bytes of values, but {found} are there.',
  dataIsProse:
    '{path} holds running text, not samples in rows. Write one text in each row with its label in a column of its own (CSV or tab-separated), name that column in "label", and set "text" in "data", for example { "vocabulary": 10000 }.',
  dataSampleWeightsZero:
    'The sample weights in "{name}" are all 0: nothing would be trained. Give samples that count a weight above 0.',
  dataSampleWeights:
    'The sample weights in "{name}" have to be numbers from 0 up, one for each sample; row {row} is none.',
  dataColumnarRead: '{path} cannot be read as {format}: {cause}.',
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
  dataImagesLarge:
    'Images of {size} pixels are too large to train on; {most} pixels are the most. Set "image" in "data" to a smaller size, for example { "size": 224 }, and give the model an input of that size.',
  dataWindowLong:
    '{path} has {rows} rows, but one sample and its label take {needed}. Make "size" or "ahead" of "window" in "data" smaller.',
  dataWindowLarge:
    '{path} makes {samples} samples of {rows} rows each, which take {needed}; {most} is the most. Make "size" of "window" in "data" smaller, and give the model an input of that length.',
  dataTextLarge:
    '{path} makes {samples} samples of {length} words each, which take {needed}; {most} is the most. Make "length" of "text" in "data" smaller, and give the model an input of that length.',
  dataImagesSplit:
    '{path} holds the folders {known}, not one folder per class. Set "train" in "data" to the one to train on, such as "{train}", and "validation" to the one to validate with.',
  dataImagesOther:
    'The class folder {path} holds no PNG or JPEG images, but others, such as {actual}. Convert them to PNG or JPEG.',
  dataNoImages: 'The class folder {path} holds no PNG or JPEG images. Add some, or remove it.',
  dataImageUnreadable: 'The image {path} cannot be read: {cause}.',
  dataLinkBroken:
    'The link {path} leads nowhere: what it names does not exist, or is the link itself. Remove it, or correct it.',
  dataLinkCircle: 'The link {path} leads back to a folder that it lies in. Remove it.',
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

  dataNoteEncoding: '{path} is not UTF-8: it was read as {encoding}.',
  dataNoteSeparator: 'The columns of {path} are separated by "{separator}" ("data.separator").',
  dataNoteNoHeader:
    '{path} has no header line: its columns are called by their number, "0" to "{last}" ("data.header").',
  dataNoteCategoriesUnused:
    'Not used because they hold text: {columns}. Set "data.categories" to "oneHot" to use them.',
  dataNoteTextsUnused: 'Not used because they hold too many different values of text: {columns}.',
  dataNoteDatesUnused:
    'Not used because they hold dates: {columns}. Set "data.dates" to "number" to use them.',
  dataNoteIdsUnused:
    'Not used because they only number the rows: {columns}. Name them in "data.features" to use them.',
  dataNoteUniqueUnused:
    'Not used because they are called ids and have another value in each row: {columns}. Name them in "data.features" to use them.',
  dataNoteMark:
    '"{column}" holds {value} in {times} rows, far below its other values. If that stands for a missing value, leave those cells empty.',
  dataNoteSeries: '"{column}" is the only column of numbers, so it was read as a series.',
  dataNoteLookedUp:
    'The texts in "{column}" became the numbers that the layer "{layer}" of the model gives them: {words} words, {length} numbers in each sample.',
  dataNoteTokens:
    'The texts in "{column}" became numbers of their words: {words} words, {length} numbers in each sample. Set "data.text" to choose otherwise.',
  dataNoteComments: 'Left out the first lines of {path} that are comments: {count}.',
  dataNoteQuotes: 'Quotation marks in {path} do not enclose cells: they are part of the texts.',
  dataNoteRowNames:
    'The header of {path} has one name less than the rows have values: the first column is taken for the names of the rows.',
  dataNoteFolderSplit:
    'Trained on the folder "{train}" of {path} and validated with "{validation}". Set "data.train" and "data.validation" to choose others.',
  dataNoteFolderTrain: 'Trained on the folder "{train}" of {path}.',
  dataNoteImagesResized:
    '{resized} of {count} images in {path} were resized to {size} pixels ({how}). Set "data.image" to { "size": …, "resize": … } to choose otherwise.',
  dataNoteArraysSplit:
    'Trained on the array "{features}" with the labels "{label}", and validated with "{validation}". Set "data.features" and "data.label" to choose others.',
  dataNoteArraysNamed:
    'Trained on the array "{features}" with the labels "{label}". Set "data.features" and "data.label" to choose others.',
  dataNoteOthersUnused:
    'Not used because they hold neither numbers nor texts, or lists of several shapes: {columns}.',
  dataNoteArraysUnused:
    'Not used because they are not arrays of numbers or text with one entry per sample: {columns}.',
  dataNoteEmptyUnused: 'Not used because they hold no values: {columns}.',
  dataNoteRowNumberUsed:
    '{columns} counts the rows and is used as a feature. Leave it out of "data.features" if it only numbers the samples.',
  dataNoteConstant:
    'Every row holds the same value in {columns}: there is nothing to learn from it.',
  dataNoteOneHot:
    'The texts in {columns} became {width} columns of 0 and 1, one per value ("data.categories").',
  dataNoteOrdinal:
    'The texts in {columns} became numbers, their places in the alphabet ("data.categories").',
  dataNoteDatesUsed: 'The dates in {columns} became days since 1970-01-01 ("data.dates").',
  dataNoteBooleans: 'The truth values in {columns} became 1 and 0.',
  dataNoteWritten: 'Texts like {example} in {columns} were read as numbers.',
  dataNoteDecimalComma:
    'Texts like {example} in {columns} were read as numbers with a decimal comma.',
  dataNoteOdd:
    '{count} cells of "{column}" are not numbers, such as {actual} in row {row}: they are treated as missing.',
  dataNoteMissingMean:
    'Missing values became the mean of their column: {columns} ("data.missing").',
  dataNoteBlankRows: '{count} empty rows of {path} were left out.',
  dataNoteLabelsMissing:
    '{count} rows of {path} without a label were left out, the first of them row {row}.',
  dataNoteRowsDropped: '{count} rows of {path} with missing values were left out ("data.missing").',
  dataNoteUnknownCategories:
    '{count} cells of {path} hold texts that the training data does not have: they are treated as none of the known ones.',
  dataNoteWindow:
    'Samples are {size} rows that follow one another, with the label {ahead} rows later; the last of them validate ("data.window").',
  dataNoteNotNormalized:
    'The features are token numbers for an embedding, so they are not normalized.',
} as const;
