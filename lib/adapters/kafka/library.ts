/** What is used of Kafka's client library, by name: a bundle leaves out the rest of it, which takes longer to load than a cold start may. */
export {
  Admin,
  compressionsAlgorithms,
  compressionsAlgorithmsByBitmask,
  Consumer,
  createAPI,
  FetchIsolationLevels,
  fetchV12,
  fetchV13,
  Producer,
  ProtocolError,
  Reader,
} from '@platformatic/kafka';
