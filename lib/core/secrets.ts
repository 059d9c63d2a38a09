/** Options of tables whose values are secrets: a plan holds them, and nothing that is made for people or leaves the store does. */
import type { Plan, PlanNode } from './plan.ts';

type Options = Readonly<Record<string, string>>;

/** Of Kafka, without `properties.`. */
const KAFKA: ReadonlySet<string> = new Set(['sasl.jaas.config', 'ssl.keystore.key', 'ssl.key.password', 'ssl.keystore.password', 'ssl.truststore.password']);
const ICEBERG: ReadonlySet<string> = new Set(['token', 'credential']);
const PROPERTIES = 'properties.';

/** Headers of an Iceberg catalog are as good as tokens: `header.Authorization`, `header.X-API-Key`. */
export const isIcebergSecret = (option: string): boolean => ICEBERG.has(option) || option.startsWith('header.');

export const isSecret = (option: string): boolean => isIcebergSecret(option) || (option.startsWith(PROPERTIES) && KAFKA.has(option.slice(PROPERTIES.length)));

/** Words in keys of options whose values Flink masks (GlobalConfiguration). */
const SECRET_WORDS = /password|secret|fs\.azure\.account\.key|apikey|api-key|auth-params|service-key|token|basic-auth|jaas\.config|http-headers|credential/i;

/** Of options that Sluice may not know; `isSecret` is about those of its tables. */
export const soundsSecret = (option: string): boolean => SECRET_WORDS.test(option);

/** What stands in the place of a secret (GlobalConfiguration.HIDDEN_CONTENT). */
export const HIDDEN = '******';

/** The plan with its secrets hidden: nobody can open its tables, and it says what it does all the same. */
export const withoutSecrets = (plan: Plan): Plan => ({ ...plan, nodes: plan.nodes.map(hidden) });

/** The options of a table with its secrets hidden. */
export const withoutSecretOptions = (options: Options): Options => hiding(options, isSecret);

function hidden(node: PlanNode): PlanNode {
  if (node.kind === 'source') return { ...node, options: withoutSecretOptions(node.options), ...(node.properties === undefined ? {} : { properties: hidingProperties(node.properties) }) };
  if (node.kind !== 'sink') return node;
  const { options, records } = node;
  return { ...node, options: withoutSecretOptions(options), ...(records === undefined ? {} : { records: { ...records, properties: hidingProperties(records.properties) } }) };
}

const hidingProperties = (properties: Options): Options => hiding(properties, (name) => KAFKA.has(name));

const hiding = (options: Options, isHidden: (name: string) => boolean): Options => Object.fromEntries(Object.entries(options).map(([name, value]) => [name, isHidden(name) ? HIDDEN : value]));
