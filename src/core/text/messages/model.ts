/** Problems with models, and of model and data together. */
export const modelMessages = {
  modelNotFound: 'The model file {path} does not exist.',
  modelUnreadable: 'The model file {path} cannot be read: {cause}.',
  modelNotJson: 'The model file {path} is not valid JSON: {cause}. Save it with model.to_json().',
  modelNotTopology:
    'The model file {path} holds no layers model: an object with "class_name" and "config", or a model.json with "modelTopology", was expected.',
  modelIsGraph:
    'The model file {path} holds a graph model, which cannot be trained. Convert it with output format tfjs_layers_model.',
  modelIsSubclassed:
    'The model class {className} is not supported. Sequential and Functional models are: rebuild it as one of them.',
  modelManyLayers: 'The model has {count} layers; at most {most} can be trained here.',
  modelLayerTooWide:
    'Layer {name} ({className}) has {value} for "{option}", more than the {most} that can be trained here.',
  modelNoLayers: 'The model has no layers. It needs at least one.',
  modelLayerMalformed:
    'Layer {index} is not a layer: an object with "className" and "config" was expected.',
  modelLayerUnknown:
    'Layer {name} is of class {className}, which TensorFlow.js does not have. Replace it, or leave it out of the model that is tuned.',
  modelLayerUnknownNearest:
    'Layer {name} is of class {className}, which TensorFlow.js does not have. The nearest it has is {nearest}.',
  modelLayerOption:
    'Layer {name} ({className}) has {option} set to {value}, which TensorFlow.js does not support. Set it to {expected}.',
  modelActivationUnknown:
    'Layer {name} has the activation {activation}, which TensorFlow.js does not have. Use one of {known}.',
  modelNotBuilt: 'The model cannot be built: {cause}. Check the settings of its layers.',
  modelSeveralInputs:
    'The model has {inputs} inputs and {outputs} outputs; one of each is supported. Tune a model with one input and one output.',
  modelNotTrainable:
    'TensorFlow.js can build the model but not train it: {cause}. Replace the layer that this speaks of, or leave it out of the model that is tuned.',
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
    'The model was compiled with {loss} on logits. Losses here take probabilities: give the last layer the activation {activation} and compile without from_logits.',
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
    'The loss {loss} takes probabilities, but the last layer {name} has the activation {activation}. Give it {expected}.',
} as const;
