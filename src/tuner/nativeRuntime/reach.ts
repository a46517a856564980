import http from 'node:http';
import https from 'node:https';
import { causeOf } from '../../core/text/errorText';

export type Reached =
  | { readonly reachable: true; readonly bytes: number | null }
  | { readonly reachable: false; readonly cause: string };

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/**
 * Asks whether a file can be downloaded, and how big it is, without downloading it; answers within
 * the timeout also where packets vanish. Behind a proxy only the way to the host is tried.
 */
export async function reach(
  url: string,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Reached> {
  const proxy = proxyVariables.map((name) => env[name]).find(Boolean);
  const limit = AbortSignal.timeout(timeoutMs);
  const ended = signal ? AbortSignal.any([limit, signal]) : limit;
  try {
    const target = new URL(url);
    return await (proxy ? throughProxy(new URL(proxy), target, ended) : head(target, ended));
  } catch (error) {
    const cause = limit.aborted ? `no answer within ${timeoutMs / 1000} s` : causeOf(error);
    return { reachable: false, cause };
  }
}

function head(target: URL, signal: AbortSignal): Promise<Reached> {
  const client = target.protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    const request = client.request(target, { method: 'HEAD', signal }, (response) => {
      response.resume();
      const { statusCode = 0, headers } = response;
      const bytes = Number(headers['content-length']);
      resolve(
        // The install script follows no redirects.
        statusCode === 200
          ? { reachable: true, bytes: Number.isFinite(bytes) && bytes > 0 ? bytes : null }
          : { reachable: false, cause: `it answered ${statusCode}` },
      );
    });
    request.on('error', reject);
    request.end();
  });
}

function throughProxy(proxy: URL, target: URL, signal: AbortSignal): Promise<Reached> {
  const client = proxy.protocol === 'https:' ? https : http;
  const port = target.port || (target.protocol === 'http:' ? '80' : '443');
  const user = decodeURIComponent(proxy.username);
  const login = Buffer.from(`${user}:${decodeURIComponent(proxy.password)}`).toString('base64');
  return new Promise((resolve, reject) => {
    const request = client.request({
      host: proxy.hostname,
      port: proxy.port,
      method: 'CONNECT',
      path: `${target.hostname}:${port}`,
      headers: user ? { 'Proxy-Authorization': `Basic ${login}` } : {},
      signal,
    });
    request.on('connect', ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve(
        statusCode === 200
          ? { reachable: true, bytes: null }
          : { reachable: false, cause: `the proxy answered ${statusCode}` },
      );
    });
    request.on('error', reject);
    request.end();
  });
}
