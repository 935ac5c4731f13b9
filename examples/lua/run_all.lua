-- Runs every example with the interpreter that runs this, and checks that each ends well and says what it should.
--
--   cargo xtask run examples/lua/run_all.lua
--
-- The last line is "N passed, N failed, N skipped"; the exit code is 0 if none failed.

local dir = arg[0]:match("^(.*)/[^/]*$") or "."
local lowest = 0
while arg[lowest - 1] do lowest = lowest - 1 end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- The interpreter with its options, without the script.
local interpreter = {}
for i = lowest, -1 do interpreter[#interpreter + 1] = quote(arg[i]) end

local function command(words)
  local script = quote(dir .. "/" .. words:match("^%S+"))
  return table.concat(interpreter, " ") .. " " .. script .. words:match("^%S+(.*)$")
end

-- Output and exit code; io.popen tells the latter on newer Luas only.
local function run(words)
  local pipe = assert(io.popen("{ " .. command(words) .. "; } 2>&1; echo \"exit $?\"", "r"))
  local output = pipe:read("*a")
  pipe:close()
  local text, code = output:match("^(.*)exit (%d+)\n$")
  return text or output, tonumber(code or -1)
end

local passed, failed = 0, 0

local function check(name, text, code, wanted)
  if code == 0 and text:find(wanted) then
    passed = passed + 1
    print("ok    " .. name)
  else
    failed = failed + 1
    print("FAIL  " .. name .. " (exit " .. code .. ", wanted " .. wanted .. ")\n" .. text)
  end
end

local function example(words, wanted)
  local text, code = run(words)
  check(words, text, code, wanted)
end

example("echo.lua", "server  ends: closed\ndone on the %l+ backend, Lua [%w.]+\n$")
example("line_client.lua", "timeout, with 'you asked: ' so far\n.*the whole answer: 'you asked: what time is it%?'\n$")
example("http_get.lua", "asked: GET /hello HTTP/1.1\n.*got: HTTP/1.1 200 OK\n.*got: 22000 bytes of text/plain\n$")
example("osn_echo.lua", "got 'to be or not to be'\n.*waited: '', timeout\n.*server  ends: closed\n$")
example("concurrent.lua", "^100 fibers, 0.2 s for each answer: all done in %d+%.%d+ s")

-- Pairs: the server says where it is, and ends after two clients.
local function pair(server_name, client_name, there_and_back, ends)
  local server = assert(io.popen(command(server_name .. " 127.0.0.1 0 2") .. " 2>&1", "r"))
  local host, port = (server:read("*l") or ""):match("^listening on (%S+) (%d+)$")
  for number = 1, 2 do
    if port then
      example(client_name .. " " .. host .. " " .. port .. " " .. 100 * number, there_and_back)
    end
  end
  local rest = server:read("*a")
  server:close()
  check(server_name, rest, port and 0 or -1, ends)
end

example("emilua_example.lua", "11\n")
example("emilua_echo.lua", "hello from client 3\n.*interrupted:\ttrue\ndone\n$")
example("thousand_requests.lua 100", "^100 of 100 requests answered in 0.%d+ s\n$")

pair("echo_server.lua", "echo_client.lua", "^%d+ lines there and back in ", "client 1 .*is here\n.*client 2 .*has gone\n$")
pair("nixio_server.lua", "nixio_client.lua", "^%d+ lines there and back\n$",
  "^client .* is here\n.*client .* has gone: end of stream\n$")
pair("osn_server.lua", "osn_client.lua", "^%d+ lines there and back\n$",
  "^client .* is here\n.*client .* has gone: closed\n$")
pair("sgssockets_server.lua", "sgssockets_client.lua", "^%d+ lines there and back\n$",
  "^client .* is here\n.*client .* has gone\n$")

print(string.format("%d passed, %d failed, 0 skipped", passed, failed))
os.exit(failed == 0 and 0 or 1)
