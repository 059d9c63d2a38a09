/** `dynamodb://TABLE[?endpoint=URL&region=R]`. */
import { destinationOf, optionsOf, refused, type Destination } from '../aws-address.ts';

export interface TableAddress {
  readonly table: string;
  readonly destination: Destination;
}

const FORM = 'dynamodb://TABLE[?endpoint=URL&region=REGION]';
const ADDRESS = /^dynamodb:\/\/([^/?#]*)\/?(?:\?(.*))?$/;
const TABLE = /^[A-Za-z0-9_.-]{3,255}$/;

/** Throws OPTION_INVALID. */
export function tableAddressOf(url: string): TableAddress {
  const [isAddress, table = '', query = ''] = ADDRESS.exec(url) ?? [];
  if (isAddress === undefined) throw refused(url, 'is not the address of a DynamoDB table', FORM);
  if (!TABLE.test(table)) throw refused(url, `names the table '${table}': 3 to 255 letters, digits, '_', '.' or '-' are needed`, FORM);
  return { table, destination: destinationOf(url, optionsOf(url, query, ['endpoint', 'region'], FORM), FORM) };
}

/** For messages. */
export const placeOf = ({ table, destination: { endpoint, region } }: TableAddress): string =>
  [`DynamoDB table '${table}'`, region === undefined ? '' : ` in ${region}`, endpoint === undefined ? '' : ` at ${endpoint}`].join('');
