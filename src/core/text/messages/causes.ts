/**
 * Causes that are our own words, as clauses inside another sentence: `{ cause: 'causeHeaderCut' }`.
 * Their placeholders are filled from the values of that sentence.
 */
export const causeMessages = {
  causeIdxMagic: 'its first four bytes are not those of one',
  causeIdxType: 'its type is not known',
  causeNpyMagic: 'it does not start as one',
  causeNpyVersion: 'it has format version {version}',
  causeNpyStructured: 'its values are of a structured type',
  causeHeaderCut: 'its header is cut off',
  causeHeaderNotWhole: 'its header is not whole',
  causeHeaderNoShape: 'its header names no shape',
  causeShape: 'its shape is {shape}',
  causeArrayType: 'its type is {type}',
  causeForeign: 'it belongs to another user, or is no folder',
  causeLinkOut: 'it is a link that leads out of the folder of the config',
  causeNoFile: 'it is a pipe or a device, not a file',
  causeTooLong: 'it is larger than {most}',
  causeImageEmpty: 'it is empty',
  causeImageOther: 'it is neither a PNG nor a JPEG',
  causeImageSize: 'it says that it has {width}×{height} pixels',
  causeImageData: 'it holds more than its {width}×{height} pixels',
  causeOpenQuote: 'a quotation mark is not closed',
  causeAfterQuote: 'text follows a closing quotation mark',
  causeDamaged: 'it is damaged',
  causeParquetValues: 'a page holds more values than it announces',
  causeArrowBuffers: 'a buffer unpacks to more than its values need',
  causeRagged: 'its rows differ in length, or hold something else than numbers',
  causeNotAList: 'it is not a list',
  causeMixedLabels: 'some labels are texts and some are not',
  causeNoAnswer: 'no answer within {seconds} s',
  causeNotRay: 'what answers there is not Ray',
  causeEnded: 'it was ended',
  causeHung: 'it hung: for 5 s it showed no sign of life',
  causeDawnExports: 'it does not export "create" and "globals"',
  causeNoStart: 'its backend does not start',
  causeOtherBackend: 'its backend is not the one expected',
  causeLossNotFinite: 'the loss became {loss} in epoch {epoch}',
  causeLossRose: 'the loss stayed above its start, {start}, for a whole epoch',
  causeNotNode: 'it does not print a version of Node',
  causeSaveExcel:
    'Save the sheet as "CSV UTF-8" in Excel, or with pandas: df.to_csv("data.csv", index=False).',
  causeSaveFeather:
    'Save it as Feather 2, for example with pandas: pd.read_feather(…).to_feather("data.feather").',
  causeSaveFrame: 'Save it as CSV, for example with pandas: df.to_csv("data.csv", index=False).',
  causeSaveArff:
    'Save it as CSV, for example with SciPy and pandas: pd.DataFrame(scipy.io.arff.loadarff("data.arff")[0]).to_csv("data.csv", index=False).',
  causeSavePickle:
    'Pickles can run code and are not opened. Save it in Python as .npy (numpy.save), .npz (numpy.savez) or CSV (df.to_csv).',
  causeSaveArray:
    'Save its arrays as .npz, for example with NumPy: numpy.savez("data.npz", x=x, y=y).',
  causeSaveTorch:
    'Save its tensors as .npz in Python: numpy.savez("data.npz", x=x.numpy(), y=y.numpy()).',
  causeSaveR: 'Save it as CSV in R: write.csv(data, "data.csv", row.names = FALSE).',
  causeUnpack: 'Unpack it and name the file or folder within.',
} as const;
