import type { SharedScope } from '../read/syntax';

/**
 * Names for what one chunk reads of others: a search records them, and what it found about a chunk
 * stands until a chunk that gives or takes something under one of these names comes or goes.
 */

/** A name bound in a scope that several chunks share. */
export function nameKey(scope: SharedScope, name: string): string {
  return scope.parent === null ? name : `${scope.id}:${name}`;
}

/** A field or method added to the class that a scope is in. */
export function memberKey({ id }: SharedScope, name: string): string {
  return `@${id}:${name}`;
}

/** The class that a scope is in, as it is written. */
export function classKey({ id }: SharedScope): string {
  return `!${id}`;
}

/** What is returned from within a scope. */
export function returnKey({ id }: SharedScope): string {
  return `#${id}`;
}

/** The calls of a name. */
export function callKey(name: string): string {
  return `(${name}`;
}

/** The places that set an option, field or key of a plain name. */
export function settingKey(plain: string): string {
  return `.${plain}`;
}
