--- The examples of the project, below LuaSocket's own Lua half: they run each other and judge what they print.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

app.run(function()
    app.case("every example ends well and says what it should", function()
        local output = app.execute({ app.interpreter, app.dir .. "/../../examples/lua/run_all.lua" })
        app.equal(output:match("([^\n]*)\n*$"), "20 passed, 0 failed, 0 skipped")
    end)
end, 60)
