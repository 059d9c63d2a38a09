/** The DynamoDB store against the real server that AWS_ENDPOINT_URL_DYNAMODB names; `npm run test:real` starts one. */
import { dynamoLaws, dynamoUnderFaults } from '../adapters/dynamodb-laws.ts';
import { required } from '../servers/listening.ts';

const endpoint = required('AWS_ENDPOINT_URL_DYNAMODB', 'the endpoint of a DynamoDB server, as `npm run services` starts it');

dynamoLaws('DynamoDB (real server)', () => endpoint);
dynamoUnderFaults('DynamoDB (real server)', () => endpoint);
