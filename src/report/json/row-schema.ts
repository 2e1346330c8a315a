import { z } from 'zod';
import type { Column, TableShape } from '../../export/table.ts';

/**
 * The schema of a table's rows as objects: names, types, units and descriptions are those of the
 * columns, so that CSV, JSON and schema cannot differ. Families of columns are left out.
 * @param more properties that such an object has beside those of the table
 */
export function rowSchema<More extends z.ZodRawShape = Record<never, never>>(
  columns: TableShape['columns'],
  more?: More,
): z.ZodType<Readonly<Record<string, unknown>> & Of<More>> {
  const own = columns.flatMap((column) => ('family' in column ? [] : [column]));
  const shape = Object.fromEntries(own.map((column) => [column.name, valueSchema(column)]));
  return z.strictObject({ ...shape, ...more }) as z.ZodType<
    Readonly<Record<string, unknown>> & Of<More>
  >;
}

type Of<Shape extends z.ZodRawShape> = { [Key in keyof Shape]: z.output<Shape[Key]> };

function valueSchema(column: Column): z.ZodType {
  const { unit, required, description } = column;
  const known = knownSchema(column);
  const schema = required ? known : known.nullable();
  return schema.meta({ description, ...(unit === undefined ? {} : { unit }) });
}

function knownSchema({ type, values, minimum }: Column): z.ZodType {
  switch (type) {
    case 'integer':
      return minimum === undefined ? z.int() : z.int().min(minimum);
    case 'number':
      return minimum === undefined ? z.number() : z.number().min(minimum);
    case 'boolean':
      return z.boolean();
    case 'any':
      return z.union([z.number(), z.string()]);
    default:
      return values === undefined ? z.string() : z.enum(values);
  }
}
