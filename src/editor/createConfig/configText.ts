/** The answers that make a new config. Paths are relative to the config, with forward slashes. */
export interface NewConfig {
  readonly model: { readonly kind: 'topology' | 'module'; readonly path: string };
  readonly train: string;
  /** The label's column or key, for tables. */
  readonly label: string | null;
  /** A separate file of labels, for IDX and NPY. */
  readonly labels: string | null;
  /** Null: the loss that the model was compiled with. */
  readonly loss: string | null;
}

/** Comments of the new file, in the person's language. */
interface ConfigComments {
  readonly model: string;
  readonly data: string;
  readonly training: string;
  readonly tuning: string;
}

/** The text of a new config: JSON with a comment over each section. */
export function newConfigText(answers: NewConfig, comments: ConfigComments): string {
  const data = {
    train: answers.train,
    ...(answers.labels === null ? {} : { labels: answers.labels }),
    ...(answers.label === null ? {} : { label: answers.label }),
    validation: 0.2,
  };
  const training = {
    ...(answers.loss === null ? {} : { loss: answers.loss }),
    batchSize: 32,
    epochs: 10,
  };
  return [
    '{',
    ...section(comments.model, 'model', { [answers.model.kind]: answers.model.path }),
    ...section(comments.data, 'data', data),
    ...section(comments.training, 'training', training),
    ...section(comments.tuning, 'tuning', { objective: 'time', budget: '2 min' }, true),
    '}',
    '',
  ].join('\n');
}

function section(comment: string, key: string, value: object, last = false): string[] {
  const body = JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
  const line = comment.replace(/\s*[\r\n]+\s*/g, ' ');
  return [`  // ${line}`, `  ${JSON.stringify(key)}: ${body}${last ? '' : ','}`];
}
