// All tests by themselves, in the browser that BROWSER says.
export default {
  testMatch: 'isolated.spec.mjs',
  fullyParallel: true,
  reporter: 'dot',
  use: { baseURL: process.env.SITE, launchOptions: { executablePath: process.env.BROWSER } },
};
