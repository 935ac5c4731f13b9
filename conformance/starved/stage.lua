-- What the scenes are played on, each in a Lua state of its own. A scene is a table: `steps`, functions that are called one
-- after the other, each protected, while memory ends; and `over`, which is called before the same is played once more, with
-- memory.
local stage = { problems = {} }

local pcall, select, type, tostring = pcall, select, type, tostring

--- What an error may say when memory is short: nothing but that.
local function is_told(err)
  if type(err) == "table" and err.code then return true end
  return type(err) == "string" and (err:find("not enough memory", 1, true) or err:find("error in error handling", 1, true)
    -- What 5.1 says of a module whose loading has failed.
    or err:find("loop or previous error", 1, true))
end

--- Of an error that a step raised, or a fiber in it.
function stage.judge(err)
  if not is_told(err) then stage.problem, stage.at = err, stage.step end
end

function stage.play(scene)
  for i = 1, #scene do
    stage.step = i
    local ok, err = pcall(scene[i])
    if not ok then stage.judge(err) end
  end
end

--- With memory again: no step may fail.
function stage.again(scene)
  if scene.over then scene.over() end
  for i = 1, #scene do
    local ok, err = pcall(scene[i])
    if not ok then error("step " .. i .. ": " .. tostring(err), 0) end
  end
  if scene.over then scene.over() end
  if stage.problem then error("step " .. stage.at .. " had raised: " .. tostring(stage.problem), 0) end
end

--- As assert, for calls that may say themselves that memory is short.
function stage.got(it, err, ...)
  if it == nil or it == false then error(tostring(err), 0) end
  return it, err, ...
end

--- Closes those of a scene's objects that it got to make. Once there is memory again: what closes while there is none must
-- not need any, and stands in each scene as it is.
function stage.close(...)
  for i = 1, select("#", ...) do
    local it = select(i, ...)
    if it then it:close() end
  end
end

-- Lua's library makes what its buffers need when it first needs them, and 5.4 cannot do without if that failed.
local _ = ("x"):rep(5000)

return stage
