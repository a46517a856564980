import * as vscode from 'vscode';

/** A question's outcome: its answer, one step back, or the person turned away. */
export type Answer<T> =
  { readonly kind: 'answer'; readonly value: T } | { readonly kind: 'back' | 'cancelled' };

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

interface Question {
  readonly title: string;
  readonly placeholder: string;
  readonly step: number;
  readonly totalSteps: number;
}

/** Asks to choose one; the first choice is the active one. */
export async function choose<T>(
  question: Question & { readonly choices: Promise<readonly Choice<T>[]> },
): Promise<Answer<T>> {
  const input = vscode.window.createQuickPick<Choice<T>>();
  try {
    dress(input, question);
    input.matchOnDescription = true;
    input.matchOnDetail = true;
    return await new Promise<Answer<T>>((resolve, reject) => {
      listen(input, resolve);
      input.onDidAccept(() => {
        const picked = input.selectedItems[0] ?? input.activeItems[0];
        if (picked) resolve({ kind: 'answer', value: picked.value });
      });
      input.busy = true;
      input.show();
      question.choices.then((choices) => {
        input.items = choices;
        input.busy = false;
      }, reject);
    });
  } finally {
    input.dispose();
  }
}

/** Asks for a text that may not be empty. */
export async function askText(
  question: Question & { readonly problem: string },
): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  try {
    dress(input, question);
    return await new Promise<Answer<string>>((resolve) => {
      listen(input, resolve);
      input.onDidChangeValue(() => {
        input.validationMessage = undefined;
      });
      input.onDidAccept(() => {
        const value = input.value.trim();
        if (value) resolve({ kind: 'answer', value });
        else input.validationMessage = question.problem;
      });
      input.show();
    });
  } finally {
    input.dispose();
  }
}

function dress(
  input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  question: Question,
): void {
  input.title = question.title;
  input.placeholder = question.placeholder;
  input.step = question.step;
  input.totalSteps = question.totalSteps;
  input.ignoreFocusOut = true;
  input.buttons = question.step > 1 ? [vscode.QuickInputButtons.Back] : [];
}

function listen(
  input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  resolve: (answer: { kind: 'back' | 'cancelled' }) => void,
): void {
  input.onDidTriggerButton(() => {
    resolve({ kind: 'back' });
  });
  input.onDidHide(() => {
    resolve({ kind: 'cancelled' });
  });
}

/** One step: null when it has nothing to ask, after which going back passes over it too. */
export type Step<A> = (answers: A, step: number) => Promise<Answer<Partial<A>> | null>;

/** Asks one step after the other, back and forth; null when the person turned away. */
export async function runSteps<A extends object>(
  initial: A,
  steps: readonly Step<A>[],
): Promise<A | null> {
  const history: { index: number; answers: A }[] = [];
  let answers = initial;
  let index = 0;
  while (index < steps.length) {
    const outcome = (await steps[index]?.(answers, history.length + 1)) ?? null;
    if (outcome === null) {
      index++;
    } else if (outcome.kind === 'answer') {
      history.push({ index, answers });
      answers = { ...answers, ...outcome.value };
      index++;
    } else if (outcome.kind === 'cancelled') {
      return null;
    } else {
      const previous = history.pop();
      if (!previous) return null;
      ({ index, answers } = previous);
    }
  }
  return answers;
}
