/** Claude's tool calls, results and questions as one line for a person to read. */
import { offered } from './digest.ts';
import { type Json, list, object, text } from './json.ts';

/** The one field of a tool's input that says what it does; the whole input as JSON for tools not listed. */
const TELLING: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    Bash: ['command'],
    Read: ['file_path'],
    Write: ['file_path'],
    Edit: ['file_path'],
    NotebookEdit: ['notebook_path'],
    Glob: ['pattern'],
    Grep: ['pattern'],
    WebFetch: ['url'],
    WebSearch: ['query'],
    Skill: ['skill'],
    Task: ['description', 'prompt'],
    Agent: ['description', 'prompt'],
    ExitPlanMode: ['plan'],
  }),
);

export function inputWords(tool: string, input: Json): string {
  const words = (TELLING.get(tool) ?? []).map((key) => text(input[key])).filter(Boolean);
  return words.length > 0 ? words.join(': ') : JSON.stringify(input);
}

/** The text of a tool result, whose content is a string or a list of blocks. */
export function resultWords(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map(object)
    .map((block) => text(block.text) || `(${text(block.type) || 'nothing'})`)
    .join('\n');
}

/** Answers that it takes word for word: yes or no to a tool, or what the model offers where it asks one thing and takes one answer. */
export function questionOptions(tool: string, input: Json): string[] {
  if (tool !== 'AskUserQuestion') return ['yes', 'no'];
  const [question, ...others] = list(input.questions).map(object);
  if (question === undefined || others.length > 0 || question.multiSelect === true) return [];
  return offered(labels(question));
}

const labels = (question: Json): string[] => list(question.options).map((option) => text(object(option).label));

/** `Bash: npm install x?`, or the model's own question with its options. */
export function questionWords(tool: string, input: Json): string {
  const questions = list(input.questions).map(object);
  if (tool !== 'AskUserQuestion' || questions.length === 0) return `${tool}: ${inputWords(tool, input)}?`;
  return questions
    .map((question) => {
      const options = labels(question);
      return options.length > 0 ? `${text(question.question)} (${options.join(' / ')})` : text(question.question);
    })
    .join(' ');
}
