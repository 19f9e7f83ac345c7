/** An engine cannot do what a loop file asks of it; the message is for the author of that file. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
}
