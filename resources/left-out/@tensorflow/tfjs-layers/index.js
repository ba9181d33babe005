// What @tensorflow/tfjs-node-gpu takes of it when it is loaded: a class to make callbacks of, and where to name them.
exports.CustomCallback = class {};
exports.registerCallbackConstructor = () => {};
