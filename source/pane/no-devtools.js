// What the bundle holds in place of `react-devtools-core`, which Ink imports only when DEV=true and which we never ship.
export default { initialize() {}, connectToDevTools() {} };
