--- Compares LuaSocket's Lua half and what is under test, call by call: calls/NAME.lua makes calls of a real server and
-- prints a line for each, in one process with the modules under test and in one with the system's. A case per line.

local unpack = unpack or table.unpack

--- What may differ: the library's name, and the forms of whole numbers.
local function normal(line)
    return (line:gsub("LuaSocket [%d.]+ ?%(?[%w. ]*%)?", "LuaSocket"):gsub("%f[%d](%d+)%.0%f[^%d]", "%1"))
end

local function lines_of(text)
    local lines = {}
    for line in text:gmatch("[^\n]+") do lines[#lines + 1] = normal(line) end
    return lines
end

--- `name` is that of the script, the others are its arguments; "SIDE" in one is "ours" or "original".
return function(app, name, ...)
    local arguments = { ... }
    local function said(side, environment)
        local words = { "env", unpack(environment) }
        words[#words + 1] = app.interpreter
        words[#words + 1] = app.dir .. "/calls/" .. name .. ".lua"
        for _, argument in ipairs(arguments) do words[#words + 1] = (tostring(argument):gsub("SIDE", side)) end
        local output, code = app.complete(name .. ", " .. side, words, 60)
        if code ~= 0 then error(side .. " ended with code " .. tostring(code) .. ": " .. output, 2) end
        return lines_of(output)
    end
    local ours = said("ours", {})
    local original = said("original", { "-u", "LUA_PATH", "-u", "LUA_CPATH" })
    app.case("as many calls as LuaSocket", function() app.equal(#ours, #original) end)
    for i, line in ipairs(original) do
        local call = line:match("^(.-) %->") or line
        app.case(call .. ", as LuaSocket", function() app.equal(ours[i], line) end)
    end
end
