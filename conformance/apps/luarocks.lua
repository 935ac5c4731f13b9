--- `luarocks make` in this tree, with the interpreter that runs this, and what it has installed. By the tests' profile: the
-- rockspec's own would take minutes.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local BUILD_S_MAX = 280

local program = [[
local socket, http = require("socket"), require("socket.http")
local moonsocket = require("moonsocket")
require("mime") require("socket.unix") require("socket.smtp") require("osn") require("nixio")
assert(moonsocket.socket == socket)
local server = assert(socket.bind("127.0.0.1", 0))
local _, port = server:getsockname()
moonsocket.spawn(function()
    local c = server:accept()
    repeat local line = c:receive() until line == ""
    c:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    c:close()
end)
moonsocket.spawn(function() print(http.request("http://127.0.0.1:" .. port .. "/")) end)
moonsocket.run()
print(package.path)
]]

app.run(function()
    local luarocks = app.program("luarocks", "luarocks")
    app.program("cargo", "from rustup")
    -- One of the two builds will do.
    if (os.getenv("MOONSOCKET_APPS_CORE") or ""):find("-mio-", 1, true) then
        app.skip("what is installed is on the blocking backend")
    end
    local root = app.execute({ "readlink", "-f", app.dir .. "/../.." }):gsub("%s+$", "")
    local tree, rockspec = app.path("tree"), app.path("moonsocket-scm-1.rockspec")
    local text, count = app.read(root .. "/moonsocket-scm-1.rockspec"):gsub("xtask install", "%0 --quick")
    app.equal(count, 1, "commands in the rockspec")
    app.write(rockspec, text)
    local version = _VERSION:match("%d+%.%d+")
    -- LuaRocks wants to see a header file of the right version, whether anybody includes it or not.
    app.execute({ "mkdir", app.path("include") })
    app.write(app.path("include/lua.h"), ("#define LUA_VERSION_NUM %d\n"):format((version:gsub("%.", "0"))))
    local interpreter = app.program(app.interpreter, app.interpreter)
    local config = app.write(app.path("config.lua"), ("variables = { LUA = %q, LUA_INCDIR = %q }\n"):format(
        interpreter, app.path("include")))

    app.case("luarocks make", function()
        local output, code = app.complete("luarocks", {
            "sh", "-c", 'cd "$1" && LUAROCKS_CONFIG="$2" "$3" --lua-version "$4" --tree "$5" make "$6"', "sh", root, config,
            luarocks, version, tree, rockspec,
        }, BUILD_S_MAX)
        app.equal(code, 0, output:sub(-1000))
    end)

    app.case("the installed module alone", function()
        local found = ("%s/share/lua/%s/?.lua;%s/lib/lua/%s/?.so"):format(tree, version, tree, version)
        local path, cpath = found:match("^(.*);(.*)$")
        local output = app.execute({
            "env", "LUA_PATH=" .. path, "LUA_CPATH=" .. cpath, app.interpreter, app.write(app.path("program.lua"), program),
        })
        app.equal(output:match("^hi\t200\t"), "hi\t200\t", output)
    end)
end, 400)
