/** Statements of Flink SQL, made at random from its grammar: all of them are right. */
import { randomness } from './mutated-statements.ts';

/** A statement of the dialect that dt-sql-parser knows: no SESSION, no FILTER, no ROW types in expressions. */
export class Statements {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomness(seed);
  }

  next(): string {
    return this.#pick([() => this.#query(2), () => `INSERT INTO ${this.#name()} ${this.#query(2)}`, () => this.#table(), () => this.#view(), () => this.#other()])();
  }

  #query(depth: number): string {
    const items = this.#some(1, 4, () => `${this.#expression(2)}${this.#maybe(() => ` AS ${this.#name()}`)}`);
    const where = this.#maybe(() => ` WHERE ${this.#condition(2)}`);
    const select = `SELECT ${this.#maybe(() => 'DISTINCT ')}${items.join(', ')} FROM ${this.#from(depth)}${where}${this.#maybe(() => this.#group())}`;
    return depth > 0 && this.#below(5) === 0 ? `${select} UNION ALL ${this.#query(depth - 1)}` : select;
  }

  #group(): string {
    return ` GROUP BY ${this.#some(1, 3, () => this.#name()).join(', ')}${this.#maybe(() => ` HAVING COUNT(*) > ${this.#below(9)}`)}`;
  }

  #from(depth: number): string {
    const window = (): string => {
      const sizes = this.#pick([['TUMBLE', 1], ['HOP', 2], ['CUMULATE', 2]] as const);
      const intervals = Array.from({ length: sizes[1] }, () => this.#interval());
      return `TABLE(${sizes[0]}(TABLE ${this.#name()}, DESCRIPTOR(${this.#name()}), ${intervals.join(', ')}))`;
    };
    const subquery = (): string => `(${this.#query(depth - 1)}) AS ${this.#name()}`;
    return this.#pick([() => this.#name(), () => `${this.#name()} AS ${this.#name()}`, window, ...(depth > 0 ? [subquery] : [])])();
  }

  #expression(depth: number): string {
    const leaf = [() => this.#name(), () => String(this.#below(1000)), () => `${this.#below(99)}.5`, () => "'it''s'", () => 'NULL', () => 'TRUE', () => "TIMESTAMP '2024-01-01 00:00:00'", () => `${this.#name()}.${this.#name()}`];
    if (depth === 0) return this.#pick(leaf)();
    const inner = (): string => this.#expression(depth - 1);
    return this.#pick([
      ...leaf,
      () => `${inner()} ${this.#pick(['+', '-', '*', '/', '||'])} ${inner()}`,
      () => `(${inner()})`,
      () => `-${this.#name()}`,
      () => `${this.#pick(['UPPER', 'ABS', 'COALESCE', 'my_function'])}(${this.#some(1, 3, inner).join(', ')})`,
      () => `${this.#pick(['SUM', 'COUNT', 'MAX'])}(${this.#maybe(() => 'DISTINCT ')}${inner()})`,
      () => 'COUNT(*)',
      () => `CAST(${inner()} AS ${this.#type()})`,
      () => `CASE WHEN ${this.#condition(depth - 1)} THEN ${inner()} ELSE ${inner()} END`,
    ])();
  }

  #condition(depth: number): string {
    const value = (): string => this.#expression(Math.max(0, depth - 1));
    const simple = [
      () => `${value()} ${this.#pick(['=', '<>', '<', '<=', '>', '>='])} ${value()}`,
      () => `${this.#name()} IS ${this.#maybe(() => 'NOT ')}NULL`,
      () => `${this.#name()} ${this.#maybe(() => 'NOT ')}LIKE 'a%'`,
      () => `${this.#name()} ${this.#maybe(() => 'NOT ')}IN (${this.#some(1, 3, value).join(', ')})`,
      () => `${this.#name()} BETWEEN ${this.#below(9)} AND ${this.#below(99)}`,
    ];
    if (depth === 0) return this.#pick(simple)();
    return this.#pick([...simple, () => `${this.#condition(depth - 1)} ${this.#pick(['AND', 'OR'])} ${this.#condition(depth - 1)}`, () => `NOT (${this.#condition(depth - 1)})`])();
  }

  #table(): string {
    const columns = this.#some(1, 4, () => `${this.#name()} ${this.#type()}${this.#maybe(() => ' NOT NULL')}${this.#maybe(() => " COMMENT 'c'")}`);
    const computed = this.#below(3) === 0 ? [`${this.#name()} AS ${this.#expression(1)}`] : [];
    const metadata = this.#below(3) === 0 ? [`${this.#name()} TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL`] : [];
    const watermark = this.#below(2) === 0 ? [`WATERMARK FOR ts AS ts - ${this.#interval()}`] : [];
    const key = this.#below(3) === 0 ? [`PRIMARY KEY (${this.#name()}) NOT ENFORCED`] : [];
    const head = `CREATE ${this.#maybe(() => 'TEMPORARY ')}TABLE ${this.#maybe(() => 'IF NOT EXISTS ')}${this.#name()}`;
    return `${head} (${[...columns, ...computed, ...metadata, ...watermark, ...key].join(', ')})${this.#maybe(() => " COMMENT 'x'")}${this.#maybe(() => ` PARTITIONED BY (${this.#name()})`)} WITH ('connector' = 'print', 'k' = 'v')`;
  }

  #view(): string {
    return `CREATE ${this.#maybe(() => 'TEMPORARY ')}VIEW ${this.#name()}${this.#maybe(() => ' (a, b)')} AS ${this.#query(1)}`;
  }

  #other(): string {
    return this.#pick([
      () => `DROP TABLE ${this.#maybe(() => 'IF EXISTS ')}${this.#name()}`,
      () => `DROP VIEW ${this.#name()}`,
      () => `USE CATALOG ${this.#name()}`,
      () => 'SHOW TABLES',
      () => 'SHOW CATALOGS',
      () => `DESCRIBE ${this.#name()}`,
      () => "SET 'a' = 'b'",
      () => `ALTER TABLE ${this.#name()} SET ('a' = 'b')`,
      () => `CREATE DATABASE ${this.#name()} WITH ('a' = 'b')`,
      () => `EXPLAIN ${this.#query(0)}`,
    ])();
  }

  #type(): string {
    return this.#pick(['INT', 'BIGINT', 'STRING', 'BOOLEAN', 'DOUBLE', 'DECIMAL(10, 2)', 'VARCHAR(20)', 'DATE', 'TIMESTAMP(3)', 'TIMESTAMP_LTZ(3)', 'ARRAY<INT>', 'MAP<STRING, INT>', 'ROW<a INT, b STRING>']);
  }

  #interval(): string {
    return `INTERVAL '${1 + this.#below(9)}' ${this.#pick(['SECOND', 'MINUTE', 'HOUR', 'DAY'])}`;
  }

  #name(): string {
    return this.#pick(['a', 'b', 'user_id', 'ts', 't1', '`order`', '`my column`', 'Orders']);
  }

  #some<T>(from: number, to: number, item: () => T): T[] {
    return Array.from({ length: from + this.#below(to - from) }, item);
  }

  #maybe(text: () => string): string {
    return this.#below(3) === 0 ? text() : '';
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new RangeError('there is nothing to pick');
    return item;
  }
}
