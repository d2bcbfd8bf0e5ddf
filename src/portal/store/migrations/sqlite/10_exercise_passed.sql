-- An exercise that was passed before the login, in an attempt that the sandbox has forgotten, counted as not passed.
UPDATE exercise_state SET passed = (SELECT assessment_pass.passed FROM assessment_pass
    WHERE assessment_pass.account_id = exercise_state.account_id
    AND assessment_pass.kind = 'exercise' AND assessment_pass.assessment = exercise_state.exercise)
WHERE passed IS NULL AND EXISTS (SELECT 1 FROM assessment_pass
    WHERE assessment_pass.account_id = exercise_state.account_id
    AND assessment_pass.kind = 'exercise' AND assessment_pass.assessment = exercise_state.exercise);
