skip-to-content = 본문으로 건너뛰기
language = 언어
lessons = 학습 목록
contents = 차례
on-this-page = 이 페이지에서
neighbours = 이전과 다음 학습
previous = 이전
next = 다음
minutes = { $count }분
footer = 이 사이트의 요청은 모두 실제 서버로 가며, 바뀌는 데이터는 나만의 것입니다.
login = 로그인
logout = 로그아웃

home-title = 요청을 보내며 배우는 REST API
home-lead = 글 속의 양식에서 실제 API로 요청을 보내고, 돌아온 응답과 내 데이터가 달라진 모습을 그 자리에서 확인합니다.
home-path = 순서대로 읽기

not-found-title = 이 주소에는 페이지가 없습니다
not-found-text = 페이지가 옮겨졌거나 주소가 잘못 입력되었습니다.
not-found-home = 첫 페이지로 가기

theme-label = 테마
theme-auto = 자동
theme-light = 밝게
theme-dark = 어둡게
