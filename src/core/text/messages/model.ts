/** Problems with models, and of model and data together. */
export const modelMessages = {
  modelNotFound: 'The model file {path} does not exist.',
  modelUnreadable: 'The model file {path} cannot be read: {cause}.',
  modelNotJson:
    'The model file {path} is not valid JSON: {cause}. Save the model with model.to_json(), or as .keras or .h5.',
  modelIsOnnx:
    '{path} is an ONNX model, a graph without layers, which cannot be trained here. Name the Keras model it was exported from, write the model as a module with createModel(tf), or tune the script that trains it.',
  modelIsPytorch:
    '{path} holds PyTorch weights or pickled Python objects, which do not describe layers. Write the model as a module with createModel(tf), or tune the script that trains it.',
  modelIsFrozenGraph:
    '{path} holds a graph without layers, which cannot be trained here. Name the Keras model it was made from (.keras, .h5 or model.to_json()), or write the model as a module with createModel(tf).',
  modelIsPython:
    '{path} is a Python file, which is not run here. Save the Keras model with model.to_json(), as .keras or as .h5, or write it as a module with createModel(tf).',
  modelIsModule: '{path} is a module. Name it as "module" in place of "topology".',
  modelIsSavedModel:
    '{path} is a TensorFlow SavedModel, which holds a graph in place of layers. Save the Keras model with model.to_json(), as .keras or as .h5, or write it as a module with createModel(tf).',
  modelIsFolder:
    '{path} is a folder without a model.json, .keras or .h5 file. Name the file of the model.',
  modelIsFolderWith: '{path} is a folder. Name the file in it: {file}.',
  modelIsBinary:
    'The model file {path} is binary and of no known format. Save the Keras model with model.to_json(), as .keras or as .h5, or write it as a module with createModel(tf).',
  modelKerasUnreadable:
    'The model file {path} cannot be read: {cause}. Save the Keras model again as .keras or .h5, or with model.to_json().',
  modelIsKeras1:
    'Layer {name} ({className}) is written as Keras 1 wrote it ({option}). Load the model with Keras 2 and save it again.',
  modelWeightsLoaded: 'Training starts from the weights saved with {path}.',
  modelWeightsNotLoaded:
    'The weights saved with {path} could not be read or are not those of its layers: training starts from random weights.',
  modelWeightsRandom:
    'No weights were saved with the model: training starts from random weights, and those of frozen layers stay random.',
  modelLayerLambda:
    'Layer {name} is a {className}, which holds Python code that is not run here. Replace it with layers, or write the model as a module with createModel(tf).',
  modelLayerOperation:
    'Layer {name} is the operation {className}, which is not known here. Use a layer that does the same, or write the model as a module with createModel(tf).',
  modelLayerOwn:
    "Layer {name} is of class {className}, which is not one of Keras's: a class of your own is not run here. Replace it with layers of Keras, or write the model as a module with createModel(tf).",
  modelLayerText:
    'Layer {name} ({className}) takes text, which is not fed to the model here. Turn the text into numbers in the data, and let the model begin after this layer.',
  modelNotTopology:
    'The model file {path} holds no layers model: an object with "class_name" and "config", or a model.json with "modelTopology", was expected.',
  modelTooDeep:
    'The model file {path} nests values deeper than the layers of any model. Save the model again.',
  modelIsGraph:
    'The model file {path} holds a graph model, which cannot be trained. A graph cannot be turned back into layers: name the Keras model it was made from (.keras, .h5 or model.to_json()), convert that with output format tfjs_layers_model, or write the model as a module with createModel(tf).',
  modelIsSubclassed:
    'The model class {className} is not supported. Sequential and Functional models are: rebuild it as one of them, or write it as a module with createModel(tf).',
  modelManyLayers: 'The model has {count} layers; at most {most} can be trained here.',
  modelLayerTooWide:
    'Layer {name} ({className}) has {value} for "{option}", more than the {most} that can be trained here.',
  modelNoLayers: 'The model has no layers. It needs at least one.',
  modelLayerMalformed:
    'Layer {index} is not a layer: an object with "className" and "config" was expected.',
  modelLayerUnknown:
    'Layer {name} is of class {className}, which is not known here. Replace it, leave it out of the model that is tuned, or write the model as a module with createModel(tf).',
  modelLayerUnknownNearest:
    'Layer {name} is of class {className}, which is not known here. The nearest that is known is {nearest}.',
  modelLayerOption:
    'Layer {name} ({className}) has {option} set to {value}, which TensorFlow.js does not support. Set it to {expected}.',
  modelActivationUnknown:
    'Layer {name} has the activation {activation}, which TensorFlow.js does not have. Use one of {known}.',
  modelNotBuilt: 'The model cannot be built: {cause}. Check the settings of its layers.',
  modelSeveralInputs:
    'The model has the inputs {inputs} and the outputs {outputs}, and nothing says what feeds which. Write {example}, with columns of a table or arrays of an .npz file, or let the data module return features and labels by these names.',
  modelPartUnknown: 'The model has no {side} "{name}". It has {known}.',
  modelPartUnfed: 'Nothing feeds the {side} "{name}" of the model. The data has {known}.',
  modelOutputUnknown: '"{name}" is no output of the model that is trained. It has {known}.',
  modelOutputLosses:
    'The model was compiled with {count} losses for {outputs} outputs. Give each output its loss: "training": {example}.',
  modelOutputsNoClassWeights:
    '"classWeights" belongs to one output of classes, but the model trains {outputs}. Leave it out, or weight whole outputs with "lossWeights".',
  modelNoteOutput:
    'Output "{name}" {shape} learns {columns} with the loss {loss}, which counts {weight} times.',
  modelNoteOutputsUntrained: 'Not trained, because no loss was given for them: {columns}.',
  modelNoteInput: 'Input "{name}" {shape} is fed by {columns}.',
  modelNoteMetricsLeftOut: 'Not computed, though the model was compiled with them: {columns}.',
  wordInput: 'input',
  wordOutput: 'output',
  modelNotTrainable:
    'TensorFlow.js can build the model but not train it: {cause}. Replace the layer that this names, or leave it out of the model that is tuned.',
  modelNoWeights: 'The model has nothing to train: none of its layers has trainable weights.',
  moduleLoadFailed: 'The module {path} cannot be loaded: {cause}.',
  moduleExtension: 'The module {path} must be a .js, .mjs, .cjs, .ts, .mts or .cts file.',
  moduleNoExport: 'The module {path} exports no function {name}. It exports {found}.',
  moduleCreateModelFailed: 'createModel(tf) in {path} failed: {cause}.',
  moduleNotModel:
    'createModel(tf) in {path} returned {found}, not a layers model. Return what tf.sequential(…) or tf.model(…) makes.',
  lossUnknown:
    'No loss is known: the config names none and the model was not compiled with one. Add "training": {example}.',
  lossUnsupported:
    'The model was compiled with the loss {loss}, which is not supported. Give "training" a loss: {known}.',
  lossFromLogits:
    'The model was compiled with {loss} on logits, but its last layer already gives probabilities ({activation}). Write "training": {example} to take them as they are, or compile without from_logits.',
  optimizerUnsupported:
    'The model was compiled with the optimizer {optimizer}, which is not supported. Give "training" an optimizer: {known}.',
  fitInput:
    'The samples in the data have shape {data}, but the model takes {model}. Change the input shape of the model, or the data.',
  fitInputDtype:
    'The model looks up indices from 0 to {maximum}, but the data holds {found}. Give the Embedding layer more entries, or correct the data (and set "normalize" to false).',
  fitLabels:
    'The labels have shape {data}, but the model gives {model}. Change the last layer, or the labels.',
  fitClasses:
    'The data has {classes} classes, but the model distinguishes only {units}. Give the last layer {classes} units.',
  fitCategoricalOneUnit:
    'The loss {loss} needs one output per class, but the model has one output of shape {model} for {classes} classes. Give the last layer {classes} units and softmax, or use binaryCrossentropy with sigmoid.',
  fitBinaryUnits:
    'The loss binaryCrossentropy takes one output for two classes, but the model has an output of shape {model} for {classes} classes. Give the last layer 1 unit with sigmoid, or use categoricalCrossentropy with softmax.',
  fitBinaryClasses:
    'The loss binaryCrossentropy is for two classes, but the data has {classes}. Use categoricalCrossentropy with {classes} units and softmax.',
  fitNotClasses:
    'The loss {loss} needs classes, but the labels are numbers of shape {data}. Use meanSquaredError, or label the data with classes.',
  fitRegressionOnClasses:
    'The loss {loss} is for numbers, but the labels are {classes} classes. Use categoricalCrossentropy, or numeric labels.',
  fitActivation:
    'The loss {loss} takes probabilities, but the last layer {name} has the activation {activation}. Give it {expected}, or write "training": {example} if it gives logits.',
  classWeightsNoClasses:
    '"classWeights" needs samples with one class each, but the labels are none.',
  classWeightsUnknown:
    '"classWeights" names the class "{name}", which the data does not have. It has {known}.',
} as const;
