// What @tensorflow/tfjs-node-gpu makes callbacks of when it is loaded.
exports.CustomCallback = class {};
