import * as z from 'zod';
import type { Pointer } from './jsonText';
import { anyConfigSchema } from './schema';

/** What a schema accepts once defaults and the like are taken off. */
function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

/** The objects that a schema accepts at a place: several where it is a union. */
function objectsOf(schema: unknown): z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  return inner instanceof z.ZodUnion ? inner.options.flatMap(objectsOf) : [];
}

function children(schema: unknown, key: string | number): unknown[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => children(option, key));
  if (inner instanceof z.ZodArray) return typeof key === 'number' ? [inner.element] : [];
  if (inner instanceof z.ZodObject && Object.hasOwn(inner.shape, key)) return [inner.shape[key]];
  return [];
}

/** The keys that the schema knows for the object at a pointer, in the schema's order. */
export function knownKeys(pointer: Pointer): string[] {
  let level: unknown[] = [anyConfigSchema];
  for (const key of pointer) level = level.flatMap((schema) => children(schema, key));
  const keys = level.flatMap(objectsOf).flatMap((object) => Object.keys(object.shape));
  return keys.filter((key) => key !== '$schema');
}

/** Top-level sections that hold further keys, such as `training`. */
export function sections(): string[] {
  return knownKeys([]).filter((key) => knownKeys([key]).length > 0);
}
