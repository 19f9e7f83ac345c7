/** What codex's app-server asks of its client: leave for a command or a change, or an answer in words. Each becomes one question to the operator. */
import { clip, offered } from '../digest.ts';
import { type Json, list, object, text } from '../json.ts';

export interface Question {
  readonly words: string;
  /** Answers that it takes word for word; empty where only words of the operator's own will do. */
  readonly options: readonly string[];
  /** The result of the request for the operator's answer. */
  answer(words: string): Json;
  /** It was a matter of yes or no, and these words say more than that: the agent should read them. */
  remark(words: string): string | null;
}

const YES = /^\s*(?:y|yes|allow|ok|okay)[.!]?\s*$/i;
const NO = /^\s*(?:n|no|deny|cancel)[.!]?\s*$/i;

/** The question in a request of the server; null when it is nothing that a person could answer. */
export function questionIn(method: string, params: Json): Question | null {
  const reason = text(params.reason);
  switch (method) {
    case 'item/commandExecution/requestApproval':
      return leave(`exec: ${text(params.command) || reason}?`, 'decision', 'accept', 'decline');
    case 'item/fileChange/requestApproval':
      return leave(`patch: ${reason || text(params.grantRoot) || 'change files'}?`, 'decision', 'accept', 'decline');
    case 'execCommandApproval':
      return leave(`exec: ${list(params.command).map(text).join(' ')}?`, 'decision', 'approved', 'denied');
    case 'applyPatchApproval': {
      const files = Object.keys(object(params.fileChanges)).join(', ');
      return leave(`patch: ${files || reason}?`, 'decision', 'approved', 'denied');
    }
    case 'item/permissions/requestApproval': {
      const words = `more rights: ${reason || JSON.stringify(params.permissions)}?`;
      return {
        ...leave(words, '', '', ''),
        answer: (said) => ({ permissions: YES.test(said) ? object(params.permissions) : {}, scope: 'turn' }),
      };
    }
    case 'mcpServer/elicitation/request': {
      const words = `${text(params.serverName)}: ${text(params.message)} ${text(params.url)}`.trim();
      // A form of theirs cannot be filled in from one line of words; yes and no can.
      return {
        ...leave(words, '', '', ''),
        answer: (said) => ({ action: YES.test(said) ? 'accept' : 'decline', content: null, _meta: null }),
      };
    }
    case 'item/tool/requestUserInput':
      return askedByModel(list(params.questions).map(object));
    default:
      return null;
  }
}

function leave(words: string, key: string, yes: string, no: string): Question {
  return {
    words: clip(words),
    options: ['yes', 'no'],
    answer: (said) => ({ [key]: YES.test(said) ? yes : no }),
    remark: (said) => (YES.test(said) || NO.test(said) ? null : said),
  };
}

function askedByModel(questions: readonly Json[]): Question {
  const words = questions.map((one) => {
    const options = labels(one);
    return `${text(one.question)}${options.length === 0 ? '' : ` (${options.join(' / ')})`}`;
  });
  return {
    words: clip(words.join('\n')),
    options: questions.length === 1 ? offered(questions.flatMap(labels)) : [],
    answer: (said) => ({ answers: Object.fromEntries(questions.map(({ id }) => [text(id), { answers: [said] }])) }),
    remark: () => null,
  };
}

const labels = (question: Json): string[] => list(question.options).map((option) => text(object(option).label));
