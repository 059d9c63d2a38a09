/** Jobs: SQL in, custom resource out. */
import { Stack } from 'aws-cdk-lib';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { flat, statementsOf } from '../../lib/infra/findings.ts';
import type { StreamJob } from '../../lib/infra/index.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { fileOf, jobIn, newPlatform, SQL, templateOf } from './kit.ts';

const propertiesOf = (stack: Stack): Record<string, unknown> => Object.values(templateOf(stack).findResources('Custom::SluiceJob'))[0]?.['Properties'] ?? {};

function refusal(sql: string): { readonly code: string; readonly message: string; readonly hint: string | undefined; readonly file: string } {
  const file = fileOf('orders.sql', sql);
  try {
    jobIn(newPlatform().platform, { sql: { file } });
  } catch (error) {
    if (isError(error)) return { code: error.code, message: error.message, hint: error.hint, file };
    throw error;
  }
  throw new Error('nothing was refused');
}

test('the resource carries the plan of the script, the versions of the code, and the policy', () => {
  const { stack, platform } = newPlatform();
  jobIn(platform, { sql: { file: fileOf('orders.sql', SQL) }, batchSize: 10_000, batchWindowSeconds: 1, savepointDirectory: 's3://archive/orders', onRemoval: 'cancel', allowNonRestoredState: true });
  const { plan, codeVersion, ...rest } = propertiesOf(stack);
  const expected = planJob(SQL, { warehouse: '/tmp/warehouse', resolvePath: (path) => path }).plan;
  expect(JSON.parse(String(plan))).toEqual({ ...expected, name: 'orders per country', options: { ...expected.options, 'sluice.batch-size': '10000', 'sluice.batch-window-seconds': '1' } });
  expect(flat(codeVersion)).toMatch(/^<PlatformWriterFunctionCurrentVersion\w+\.Version>-<PlatformFirerFunctionCurrentVersion\w+\.Version>$/);
  expect(rest).toEqual({ ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^PlatformJobResourceFunction/), 'Arn'] }, ServiceTimeout: '3600', kind: 'job', policy: 'cancel', allowNonRestored: 'true', directory: 's3://archive/orders' });
});

test('a job is made behind the platform, and ends before it', () => {
  const { stack, platform } = newPlatform();
  jobIn(platform);
  const template = templateOf(stack);
  const [jobs] = Object.keys(template.findResources('Custom::SluiceJobs'));
  expect(Object.values(template.findResources('Custom::SluiceJob')).map(({ DependsOn }) => DependsOn)).toEqual([[jobs]]);
});

test('the script says where the job begins, and props say it louder', () => {
  const script = `SET 'execution.savepoint.path' = 's3://archive/savepoint-1';\nSET 'execution.savepoint.ignore-unclaimed-state' = 'true';\n${SQL}`;
  const [one, two] = [newPlatform(), newPlatform()];
  jobIn(one.platform, { sql: { text: script } });
  jobIn(two.platform, { sql: { text: script }, fromSavepoint: 's3://archive/savepoint-2', allowNonRestoredState: false });
  expect(propertiesOf(one.stack)).toMatchObject({ savepoint: 's3://archive/savepoint-1', allowNonRestored: 'true' });
  expect(propertiesOf(two.stack)).toMatchObject({ savepoint: 's3://archive/savepoint-2', allowNonRestored: 'false' });
});

test('a job is called what its script says, else its construct', () => {
  expect(jobIn(newPlatform().platform).plan.name).toBe('orders per country');
  expect(jobIn(newPlatform().platform, { sql: { text: SQL.replace(/^SET.*\n/, '') } }).plan.name).toBe('Orders');
  expect(jobIn(newPlatform().platform, { sql: { text: SQL.replace(/^SET.*\n/, '') }, name: 'sums' }).plan.name).toBe('sums');
});

test('a mistake points into the file', () => {
  const { code, message, hint, file } = refusal(SQL.replace('SUM(amount)', 'SUM(amuont)'));
  expect(code).toBe('SQL_VALIDATE');
  expect(message).toContain(`at ${file}:10:21, statement 4`);
  expect(message).toContain('^^^^^^');
  expect(hint).toContain("'amount'");
});

test('a script without INSERT, or with two, is no job', () => {
  expect(refusal(SQL.replace(/INSERT[^]*$/, '')).message).toContain('there is no INSERT in');
  expect(refusal(`${SQL}${SQL.slice(SQL.indexOf('INSERT'))}`).message).toMatch(/a second INSERT in the script of a job[^]*orders\.sql:11:1/);
});

test('a file that is not there is named', () => {
  const { platform } = newPlatform();
  expect(() => jobIn(platform, { sql: { file: '/nowhere/orders.sql' } })).toThrow(/cannot read '\/nowhere\/orders\.sql'/);
});

test('a password in SQL is refused without being repeated', () => {
  const jaas = `'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="hunter2";'`;
  const { message } = refusal(SQL.replace("'format' = 'json'", `'format' = 'json', ${jaas}`));
  expect(message).toContain("got:     the option 'properties.sasl.jaas.config'");
  expect(message).not.toContain('hunter2');
});

test.each(['token', 'credential', 'header.Authorization'])('a secret of a catalog in SQL (%s) is refused without being repeated', (option) => {
  const iceberg = `('connector' = 'iceberg', 'catalog-name' = 'c', 'catalog-type' = 'rest', 'uri' = 'https://h', '${option}' = 'hunter2', 'catalog-database' = 'd', 'catalog-table' = 't')`;
  const { message } = refusal(SQL.replace("('connector' = 'print')", iceberg));
  expect(message).toContain(`got:     the option '${option}'`);
  expect(message).toContain("'rest.auth.type' = 'sigv4'");
  expect(message).not.toContain('hunter2');
});

test('a plan that a workflow cannot carry is refused', () => {
  expect(refusal(SQL.replace(' GROUP BY', ` WHERE country <> '${'x'.repeat(110_000)}' GROUP BY`)).message).toContain('the plan is too large for a workflow');
});

test('directories that functions cannot reach are refused', () => {
  const { platform } = newPlatform();
  expect(() => jobIn(platform, { savepointDirectory: '/var/savepoints' })).toThrow(/savepointDirectory is nothing that functions can reach\n {2}got: {5}\/var\/savepoints\n {2}allowed: s3:\/\/BUCKET\/PREFIX/);
  expect(refusal(SQL.replace("('connector' = 'print')", "('connector' = 'filesystem', 'path' = 'out', 'format' = 'json')")).message).toContain("the path 'out' is relative");
});

test('a source that nothing delivers to functions is refused', () => {
  const generated = SQL.replace(/WITH \('connector' = 'kafka'[^;]*;/, "WITH ('connector' = 'datagen');");
  const { message, hint } = refusal(generated);
  expect(message).toContain("cannot be read in AWS: nothing delivers its rows to functions\n  got:     'connector' = 'datagen'");
  expect(hint).toContain('`sluice up`');
});

const warningsOf = ({ node }: StreamJob): string[] => node.metadata.filter(({ type }) => type === 'aws:cdk:warning').map(({ data }) => String(data));

test('rows on the disk of a function are warned of, except on an emulator', () => {
  const files = { sql: { text: SQL.replace("('connector' = 'print')", "('connector' = 'filesystem', 'path' = '/tmp/out', 'format' = 'json')") } };
  const onAws = () => Object.assign(newPlatform().platform, { isEmulated: false });
  expect(warningsOf(jobIn(newPlatform().platform, files))).toEqual([]);
  expect(warningsOf(jobIn(onAws(), files))).toEqual([expect.stringContaining('go to the disk of a function and are lost with it')]);
  const iceberg = (warehouse: string) => ({ sql: { text: SQL.replace("('connector' = 'print')", `('connector' = 'iceberg', 'catalog-name' = 'c', 'catalog-type' = 'hadoop', 'warehouse' = '${warehouse}', 'catalog-database' = 'd', 'catalog-table' = 't')`) } });
  expect(warningsOf(jobIn(onAws(), iceberg('/tmp/w')))).toHaveLength(1);
  expect(warningsOf(jobIn(onAws(), iceberg('s3://b/w')))).toEqual([]);
  const bucket = { sql: { text: files.sql.text.replace('/tmp/out', 's3://lake/out') } };
  expect(warningsOf(jobIn(onAws(), bucket))).toEqual([]);
});

test('metrics are those that functions tell, by job', () => {
  const { stack, platform } = newPlatform();
  const job = jobIn(platform);
  const metrics = [job.metricLag(), job.metricWatermarkAge(), job.metricLateRows(), job.metricRecords(), job.metricRowsEmitted()];
  expect(metrics.map(({ namespace, metricName, statistic, dimensions }) => [namespace, metricName, statistic, dimensions?.['service'], stack.resolve(dimensions?.['job'])])).toEqual([
    ['Sluice', 'currentEmitEventTimeLag', 'Maximum', 'sluice-writer', { Ref: expect.stringMatching(/^Orders/) }],
    ['Sluice', 'watermarkLag', 'Maximum', 'sluice-firer', { Ref: expect.stringMatching(/^Orders/) }],
    ['Sluice', 'numLateRecordsDropped', 'Sum', 'sluice-writer', { Ref: expect.stringMatching(/^Orders/) }],
    ['Sluice', 'numRecordsIn', 'Sum', 'sluice-writer', { Ref: expect.stringMatching(/^Orders/) }],
    ['Sluice', 'numRecordsOut', 'Sum', 'sluice-firer', { Ref: expect.stringMatching(/^Orders/) }],
  ]);
});

test.each([
  ['grantSavepoint', ['s3:GetObject', 's3:ListBucket', 'states:DescribeExecution', 'states:GetExecutionHistory', 'states:ListExecutions', 'states:StartExecution'], 1],
  [
    'grantRead',
    ['cloudformation:DescribeStacks', 'dynamodb:GetItem', 'dynamodb:Query', 's3:GetObject', 's3:ListBucket', 'states:DescribeExecution', 'states:GetExecutionHistory', 'states:ListExecutions'],
    0,
  ],
  [
    'grantOperate',
    [
      'cloudformation:DescribeStacks', 'dynamodb:GetItem', 'dynamodb:Query', 'lambda:InvokeFunction', 's3:GetObject', 's3:ListBucket', 's3:PutObject',
      'states:DescribeExecution', 'states:GetExecutionHistory', 'states:ListExecutions', 'states:StartExecution',
    ],
    7,
  ],
] as const)('%s allows what it says, on this platform only', (grant, actions, startable) => {
  const { stack, platform } = newPlatform();
  const role = new Role(stack, 'Operator', { assumedBy: new AccountPrincipal('123456789012') });
  jobIn(platform)[grant](role);
  const policies = Object.entries(templateOf(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('Operator'));
  const statements = policies.flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument));
  expect([...new Set(statements.flatMap((statement) => statement.actions))].toSorted()).toEqual(actions);
  expect(statements.filter((statement) => statement.actions.includes('states:StartExecution')).flatMap(({ resources }) => resources)).toHaveLength(startable);
  expect(statements.flatMap(({ resources }) => resources).filter((resource) => resource === '*')).toEqual([]);
});
