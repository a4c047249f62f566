@echo off
rem What WinPE starts where the agent gates the image on the unit itself. dmigate-agent.exe, its .conf and the plant's
rem own image.cmd are beside it. The agent asks for the label itself: what is scanned is never part of a command line here.
rem Only dmigate-agent starts image.cmd; whatever it ends with but 0 keeps the unit here.
wpeinit
"%~dp0dmigate-agent.exe" gate --stage pre-image --unit - -- "%~dp0image.cmd"
if not "%errorlevel%"=="0" goto refused
echo IMAGED: on to post-image
goto end

:refused
echo REFUSED: the sentence above says why
goto end

:end
