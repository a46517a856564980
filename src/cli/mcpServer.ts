import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { AgentHost, AgentTool, checkedInput, ToolCall } from '../tuner/agents/tools';

interface McpOptions {
  readonly version: string;
  readonly tools: readonly AgentTool[];
  readonly checkedInput: typeof checkedInput;
  readonly host: AgentHost;
}

/** Serves the tools to an MCP client on stdin and stdout; resolves when the client has gone. */
export async function serveMcp({ version, tools, host, ...options }: McpOptions): Promise<void> {
  const mcp = new McpServer(
    { name: 'batchwise', version },
    {
      instructions:
        'Batchwise finds the batch size a model trains best with, by measuring. Look for a result with batchwise_recommendation before you train with batchwise_tune; then offer batchwise_apply.',
    },
  );
  for (const tool of tools) {
    mcp.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: tool.input.shape,
        annotations: {
          readOnlyHint: tool.asks === 'nothing',
          destructiveHint: false,
          idempotentHint: tool.asks !== 'train',
          openWorldHint: false,
        },
      },
      async (raw, extra) => {
        const answer = (text: string, isError: boolean) => ({
          content: [{ type: 'text' as const, text }],
          isError,
        });
        const input = options.checkedInput(tool, raw);
        if (!input.ok) return answer(input.message, true);
        if (tool.asks !== 'nothing' && !(await consents(mcp, tool, input.value.config)))
          return answer('The person declined. Do not try again unless they ask for it.', true);
        const token = extra._meta?.progressToken;
        const call: ToolCall = {
          signal: extra.signal,
          progress: (progress, message) => {
            if (token === undefined) return;
            const params = { progressToken: token, progress, total: 1, message };
            extra
              .sendNotification({ method: 'notifications/progress', params })
              .catch(() => undefined);
          },
        };
        const outcome = await tool.run(input.value, host, call);
        return outcome.ok ? answer(outcome.value, false) : answer(outcome.message, true);
      },
    );
  }
  const transport = new StdioServerTransport();
  const closed = new Promise<void>((resolve) => {
    mcp.server.onclose = resolve;
    process.stdin.once('end', resolve);
  });
  await mcp.connect(transport);
  await closed;
  await mcp.close();
}

/** Asks the person where the client can; a client that cannot asks for itself before it calls. */
async function consents(mcp: McpServer, tool: AgentTool, config: string): Promise<boolean> {
  if (!mcp.server.getClientCapabilities()?.elicitation) return true;
  const message =
    tool.asks === 'train'
      ? `Train the model of ${config} at several batch sizes? This runs its code and loads this machine for up to the config's budget.`
      : `Write the recommended batch size into ${config}?`;
  const { action } = await mcp.server.elicitInput({
    message,
    requestedSchema: { type: 'object', properties: {} },
  });
  return action === 'accept';
}
